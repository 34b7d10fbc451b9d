package io.vfiouser.devices.serial;

import io.vfiouser.device.Variant;
import java.util.List;
import java.util.ServiceLoader;
import java.util.stream.StreamSupport;

/// The backends that are installed, by name.
public final class SerialBackends {
    private SerialBackends() {}

    /// The types of backend, each with its default settings.
    public static List<Variant> backends() {
        return StreamSupport.stream(
                        ServiceLoader.load(SerialBackendProvider.class).spliterator(), false)
                .map(provider -> new Variant(provider.name(), provider.defaults()))
                .toList();
    }

    /// The type of backend with this name and its default settings.
    ///
    /// @throws IllegalArgumentException if there is none
    public static Variant backend(String name) {
        SerialBackendProvider<?> provider = provider(name);
        return new Variant(provider.name(), provider.defaults());
    }

    /// A new backend. May block.
    ///
    /// @throws IllegalArgumentException for a name that is not installed, or settings that the
    ///   provider refuses
    public static SerialBackend create(Variant backend) {
        return create(provider(backend.name()), backend);
    }

    private static <S extends Record> SerialBackend create(
            SerialBackendProvider<S> provider, Variant variant) {
        @SuppressWarnings("unchecked") // the class of an S is a Class<? extends S>, and S is final
        Class<S> type = (Class<S>) provider.defaults().getClass();
        if (!type.isInstance(variant.settings())) {
            throw new IllegalArgumentException(
                    "%s: settings of %s (expected: %s)"
                            .formatted(
                                    variant.name(),
                                    variant.settings().getClass().getName(),
                                    type.getName()));
        }
        return provider.create(type.cast(variant.settings()));
    }

    private static SerialBackendProvider<?> provider(String name) {
        for (SerialBackendProvider<?> provider : ServiceLoader.load(SerialBackendProvider.class)) {
            if (provider.name().equals(name)) {
                return provider;
            }
        }
        throw new IllegalArgumentException(
                "backend: %s (expected: one of %s)"
                        .formatted(name, backends().stream().map(Variant::name).toList()));
    }
}
