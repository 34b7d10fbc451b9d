package io.vfiouser.cli.types;

import io.vfiouser.cli.failure.UsageException;
import io.vfiouser.cli.text.Quoted;
import io.vfiouser.cli.text.Suggestion;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// Makes a settings record out of texts. What is not given keeps its default.
///
/// @param <S> the record
final class SettingsBinder<S extends Record> {
    private final String typeName;
    private final Class<S> recordType;
    private final Map<String, SettingSpec> specs = new LinkedHashMap<>();
    private final Map<String, Object> defaults = new LinkedHashMap<>();

    /// Makes a binder.
    ///
    /// @param typeName the device type, for messages
    /// @throws IllegalArgumentException if the record has a component of a type that cannot be set
    SettingsBinder(String typeName, S defaultSettings) {
        this.typeName = typeName;
        @SuppressWarnings("unchecked") // the class of an S is a Class<? extends S>, and S is final
        Class<S> type = (Class<S>) defaultSettings.getClass();
        this.recordType = type;
        for (RecordComponent component : type.getRecordComponents()) {
            Object value = read(component, defaultSettings);
            SettingSpec spec = SettingSpec.of(component, kind(component), value);
            specs.put(spec.key(), spec);
            defaults.put(spec.key(), value);
        }
    }

    /// The settings there are, in the record's order.
    List<SettingSpec> specs() {
        return List.copyOf(specs.values());
    }

    /// The record.
    ///
    /// @param texts values by key
    /// @throws UsageException for an unknown key or a value that it cannot have
    S bind(Map<String, String> texts) {
        Map<String, Object> values = new LinkedHashMap<>(defaults);
        texts.forEach((key, text) -> values.put(key, value(key, text)));
        return construct(values.values().toArray());
    }

    private Object value(String key, String text) {
        SettingSpec spec = specs.get(key);
        if (spec == null) {
            throw new UsageException(
                    "%s: %s: unknown setting (expected: %s%s)"
                            .formatted(
                                    typeName,
                                    Quoted.of(key),
                                    known(),
                                    Suggestion.clause(key, specs.keySet())));
        }
        return spec.kind()
                .parse(spec.type(), text)
                .orElseThrow(() ->
                        new UsageException(
                                "%s: %s: %s (expected: %s; %s)"
                                        .formatted(
                                                typeName,
                                                key,
                                                Quoted.of(text),
                                                spec.expectation(),
                                                spec.summary())));
    }

    private String known() {
        return specs.isEmpty()
                ? "none, " + typeName + " has no settings"
                : specs.values().stream()
                        .map(SettingSpec::summary)
                        .collect(Collectors.joining(", "));
    }

    private S construct(Object[] arguments) {
        Class<?>[] types =
                Arrays.stream(recordType.getRecordComponents())
                        .map(RecordComponent::getType)
                        .toArray(Class<?>[]::new);
        try {
            return recordType.getConstructor(types).newInstance(arguments);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof IllegalArgumentException refused) {
                throw new UsageException(typeName + ": " + refused.getMessage(), refused);
            }
            throw new IllegalStateException(typeName + ": its settings record threw", e.getCause());
        } catch (ReflectiveOperationException e) {
            throw notReachable(e);
        }
    }

    private Object read(RecordComponent component, S settings) {
        try {
            return component.getAccessor().invoke(settings);
        } catch (ReflectiveOperationException e) {
            throw notReachable(e);
        }
    }

    private SettingKind kind(RecordComponent component) {
        return SettingKind.of(component.getType())
                .orElseThrow(() ->
                        new IllegalArgumentException(
                                "%s: setting %s: %s (expected: a type that settings may have)"
                                        .formatted(
                                                typeName,
                                                component.getName(),
                                                component.getType().getName())));
    }

    private IllegalArgumentException notReachable(ReflectiveOperationException cause) {
        return new IllegalArgumentException(
                "%s: settings record %s (expected: a public record in an exported package)"
                        .formatted(typeName, recordType.getName()),
                cause);
    }
}
