package io.vfiouser.cli.types;

import io.vfiouser.cli.failure.UsageException;
import io.vfiouser.cli.text.Quoted;
import io.vfiouser.cli.text.Suggestion;
import io.vfiouser.device.Variant;
import io.vfiouser.device.Variants;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/// Makes a settings record out of texts. What is not given keeps its default.
///
/// @param <S> the record
final class SettingsBinder<S extends Record> {
    private final String typeName;
    private final Class<S> recordType;
    private final Map<String, SettingSpec> specs = new LinkedHashMap<>();
    private final Map<String, Object> defaults = new LinkedHashMap<>();
    private final Map<String, Parser> parsers = new LinkedHashMap<>();
    private final Map<String, VariantBinder> choices = new LinkedHashMap<>();

    /// Makes a binder.
    ///
    /// @param typeName the device type, for messages
    /// @param catalog the kinds that a component of type [Variants] can name, by its name
    /// @throws IllegalArgumentException if the record has a component of a type that cannot be set
    SettingsBinder(String typeName, S defaultSettings, Function<String, List<Variant>> catalog) {
        this.typeName = typeName;
        @SuppressWarnings("unchecked") // the class of an S is a Class<? extends S>, and S is final
        Class<S> type = (Class<S>) defaultSettings.getClass();
        this.recordType = type;
        for (RecordComponent component : type.getRecordComponents()) {
            Object value = read(component, defaultSettings);
            SettingSpec spec =
                    value instanceof Variants choice
                            ? choiceSpec(component, choice, catalog)
                            : plainSpec(component, value);
            specs.put(spec.key(), spec);
            defaults.put(spec.key(), value);
        }
    }

    /// The settings there are, in the record's order.
    List<SettingSpec> specs() {
        return List.copyOf(specs.values());
    }

    /// The settings that come along with each choice there is.
    List<SettingGroup> groups() {
        return choices.values().stream()
                .flatMap(choice -> choice.groups().stream())
                .collect(Collectors.toList());
    }

    /// Whether the record has a setting of this name.
    boolean has(String key) {
        return specs.containsKey(key);
    }

    /// The record.
    ///
    /// @param texts values by key
    /// @throws UsageException for an unknown key or a value that it cannot have
    S bind(Map<String, String> texts) {
        Map<String, Object> values = new LinkedHashMap<>(defaults);
        Map<String, VariantBinder.Selection> selections = new LinkedHashMap<>();
        choices.forEach((key, choice) -> selections.put(key, choice.select(texts.get(key))));
        texts.forEach((key, text) -> {
            if (parsers.containsKey(key)) {
                values.put(key, value(key, text));
            } else if (!choices.containsKey(key)) {
                passOn(key, text, selections.values());
            }
        });
        selections.forEach((key, selection) -> values.put(key, selection.bind()));
        return construct(values.values().toArray());
    }

    private SettingSpec plainSpec(RecordComponent component, Object value) {
        SettingKind kind = kind(component);
        Class<?> type = component.getType();
        SettingSpec spec = SettingSpec.of(component, kind.format(value), kind.expectation(type));
        parsers.put(spec.key(), text -> kind.parse(type, text));
        return spec;
    }

    private SettingSpec choiceSpec(
            RecordComponent component, Variants value, Function<String, List<Variant>> catalog) {
        String key = SettingSpec.key(component.getName());
        var choice = new VariantBinder(typeName, key, value, catalog.apply(component.getName()));
        choices.put(key, choice);
        return SettingSpec.of(component, value.toString(), choice.expectation());
    }

    private Object value(String key, String text) {
        SettingSpec spec = Objects.requireNonNull(specs.get(key), key);
        return Objects.requireNonNull(parsers.get(key), key)
                .parse(text)
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

    /// Gives a setting that is not the record's own to the choice that has it.
    private void passOn(String key, String text, Collection<VariantBinder.Selection> selections) {
        List<String> takers = new ArrayList<>();
        selections.forEach(selection -> takers.addAll(selection.offer(key, text)));
        if (takers.isEmpty()) {
            throw unknown(key, selections);
        }
        if (takers.size() > 1) {
            throw new UsageException(
                    "%s: %s: a setting of %s (expected: of one of them)"
                            .formatted(typeName, Quoted.of(key), String.join(" and ", takers)));
        }
    }

    private UsageException unknown(String key, Collection<VariantBinder.Selection> selections) {
        List<SettingSpec> known = new ArrayList<>(specs.values());
        selections.forEach(selection -> known.addAll(selection.specs()));
        List<String> others =
                choices.values().stream()
                        .flatMap(choice -> choice.kindsWith(key).stream())
                        .toList();
        String hint =
                others.isEmpty()
                        ? Suggestion.clause(key, known.stream().map(SettingSpec::key).toList())
                        : "; it goes with " + String.join(", ", others);
        return new UsageException(
                "%s: %s: unknown setting (expected: %s%s)"
                        .formatted(typeName, Quoted.of(key), keys(known), hint));
    }

    private String keys(List<SettingSpec> known) {
        return known.isEmpty()
                ? "none, " + typeName + " has no settings"
                : known.stream().map(SettingSpec::key).collect(Collectors.joining(", "));
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

    @FunctionalInterface
    private interface Parser {
        Optional<Object> parse(String text);
    }
}
