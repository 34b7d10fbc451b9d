package io.vfiouser.cli.types;

import io.vfiouser.cli.failure.UsageException;
import io.vfiouser.cli.text.Quoted;
import io.vfiouser.cli.text.Suggestion;
import io.vfiouser.device.Variant;
import io.vfiouser.device.Variants;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The kinds that one setting can name, and the settings that each brings along.
final class VariantBinder {
    private final String owner;
    private final String key;
    private final Variants defaultChoice;
    private final Map<String, SettingsBinder<?>> kinds = new LinkedHashMap<>();

    /// Makes a binder.
    ///
    /// @param owner the device type, for messages
    /// @param key the setting that names kinds
    /// @param catalog the kinds there are
    VariantBinder(String owner, String key, Variants defaultChoice, List<Variant> catalog) {
        this.owner = owner;
        this.key = key;
        this.defaultChoice = defaultChoice;
        catalog.forEach(this::add);
        defaultChoice.chosen().forEach(this::add);
    }

    /// How the setting is written.
    String expectation() {
        return kinds.isEmpty()
                ? "none is installed"
                : "names with commas between them: " + String.join(", ", kinds.keySet());
    }

    /// What each kind brings along, in the catalog's order.
    List<SettingGroup> groups() {
        return kinds.entrySet().stream()
                .map(kind -> new SettingGroup(assignment(kind.getKey()), kind.getValue().specs()))
                .collect(Collectors.toList());
    }

    /// `key=kind` for each kind that has a setting of this name.
    List<String> kindsWith(String setting) {
        return kinds.entrySet().stream()
                .filter(kind -> kind.getValue().has(setting))
                .map(kind -> assignment(kind.getKey()))
                .collect(Collectors.toList());
    }

    /// The kinds that were named, or the default ones.
    ///
    /// @param text names with commas between them; may be empty for none
    Selection select(@Nullable String text) {
        List<String> names =
                text == null
                        ? defaultChoice.chosen().stream().map(Variant::name).toList()
                        : text.isEmpty() ? List.of() : List.of(text.split(",", -1));
        var selection = new Selection();
        for (String name : names) {
            selection.add(name, kind(name));
        }
        return selection;
    }

    private void add(Variant variant) {
        kinds.put(
                variant.name(),
                new SettingsBinder<>(
                        owner + ": " + assignment(variant.name()),
                        variant.settings(),
                        _ -> List.of()));
    }

    private SettingsBinder<?> kind(String name) {
        return Optional.<SettingsBinder<?>>ofNullable(kinds.get(name))
                .orElseThrow(() ->
                        new UsageException(
                                "%s: %s: %s (expected: %s%s)"
                                        .formatted(
                                                owner,
                                                key,
                                                Quoted.of(name),
                                                expectation(),
                                                Suggestion.clause(name, kinds.keySet()))));
    }

    private String assignment(String name) {
        return key + "=" + name;
    }

    /// Kinds that were named, with the texts for each.
    final class Selection {
        private final List<String> names = new ArrayList<>();
        private final List<SettingsBinder<?>> binders = new ArrayList<>();
        private final List<Map<String, String>> texts = new ArrayList<>();

        private Selection() {}

        private void add(String name, SettingsBinder<?> binder) {
            names.add(name);
            binders.add(binder);
            texts.add(new LinkedHashMap<>());
        }

        /// Gives a setting to every kind that has it.
        ///
        /// @return `key=kind` for each of them
        List<String> offer(String setting, String text) {
            List<String> takers = new ArrayList<>();
            for (int i = 0; i < names.size(); i++) {
                if (binders.get(i).has(setting)) {
                    texts.get(i).put(setting, text);
                    takers.add(assignment(names.get(i)));
                }
            }
            return takers;
        }

        /// The settings of the kinds that were named.
        List<SettingSpec> specs() {
            return binders.stream()
                    .flatMap(binder -> binder.specs().stream())
                    .collect(Collectors.toList());
        }

        /// What was chosen, with its settings.
        Variants bind() {
            List<Variant> chosen = new ArrayList<>();
            for (int i = 0; i < names.size(); i++) {
                chosen.add(new Variant(names.get(i), binders.get(i).bind(texts.get(i))));
            }
            return new Variants(chosen);
        }
    }
}
