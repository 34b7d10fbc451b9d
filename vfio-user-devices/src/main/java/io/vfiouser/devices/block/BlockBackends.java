package io.vfiouser.devices.block;

import io.vfiouser.device.Variant;
import io.vfiouser.device.Variants;
import java.util.List;
import java.util.ServiceLoader;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/// The backends and filters that are installed, by name.
///
/// A device whose settings record has a [Variants] component for its storage, and one for filters
/// before it, hands both to [#open], and answers [io.vfiouser.device.DeviceProvider#variants] with
/// [#backends()] and [#filters()].
public final class BlockBackends {
    private BlockBackends() {}

    /// The types of backend, each with its default settings.
    public static List<Variant> backends() {
        return stream(ServiceLoader.load(BlockBackendProvider.class))
                .map(provider -> new Variant(provider.name(), provider.defaults()))
                .toList();
    }

    /// The types of filter, each with its default settings.
    public static List<Variant> filters() {
        return stream(ServiceLoader.load(BlockFilterProvider.class))
                .map(provider -> new Variant(provider.name(), provider.defaults()))
                .toList();
    }

    /// The type of backend with this name and its default settings.
    ///
    /// @throws IllegalArgumentException if there is none
    public static Variant backend(String name) {
        BlockBackendProvider<?> provider = backendProvider(name);
        return new Variant(provider.name(), provider.defaults());
    }

    /// A new backend without filters. May block.
    ///
    /// @throws IllegalArgumentException for a name that is not installed, or settings that the
    ///   provider refuses
    public static BlockBackend open(Variant backend) {
        return open(backendProvider(backend.name()), backend);
    }

    /// A new backend with filters before it. May block.
    ///
    /// @param filters the first named is the first to see a request
    /// @throws IllegalArgumentException for a name that is not installed, or settings that a
    ///   provider refuses
    public static BlockBackend open(Variant backend, Variants filters) {
        BlockBackend stack = open(backend);
        try {
            for (Variant filter : filters.chosen().reversed()) {
                stack = apply(filterProvider(filter.name()), stack, filter);
            }
            return stack;
        } catch (RuntimeException e) {
            stack.close();
            throw e;
        }
    }

    private static <S extends Record> BlockBackend open(
            BlockBackendProvider<S> provider, Variant variant) {
        return provider.open(settings(provider.defaults(), variant));
    }

    private static <S extends Record> BlockBackend apply(
            BlockFilterProvider<S> provider, BlockBackend lower, Variant variant) {
        return provider.apply(lower, settings(provider.defaults(), variant));
    }

    private static <S extends Record> S settings(S defaults, Variant variant) {
        @SuppressWarnings("unchecked") // the class of an S is a Class<? extends S>, and S is final
        Class<S> type = (Class<S>) defaults.getClass();
        if (!type.isInstance(variant.settings())) {
            throw new IllegalArgumentException(
                    "%s: settings of %s (expected: %s)"
                            .formatted(
                                    variant.name(),
                                    variant.settings().getClass().getName(),
                                    type.getName()));
        }
        return type.cast(variant.settings());
    }

    private static BlockBackendProvider<?> backendProvider(String name) {
        for (BlockBackendProvider<?> provider : ServiceLoader.load(BlockBackendProvider.class)) {
            if (provider.name().equals(name)) {
                return provider;
            }
        }
        throw unknown("backend", name, backends());
    }

    private static BlockFilterProvider<?> filterProvider(String name) {
        for (BlockFilterProvider<?> provider : ServiceLoader.load(BlockFilterProvider.class)) {
            if (provider.name().equals(name)) {
                return provider;
            }
        }
        throw unknown("filter", name, filters());
    }

    private static IllegalArgumentException unknown(String what, String name, List<Variant> known) {
        return new IllegalArgumentException(
                "%s: %s (expected: one of %s)"
                        .formatted(what, name, known.stream().map(Variant::name).toList()));
    }

    private static <T> Stream<T> stream(Iterable<T> all) {
        return StreamSupport.stream(all.spliterator(), false);
    }
}
