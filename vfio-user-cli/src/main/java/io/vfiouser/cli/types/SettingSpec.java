package io.vfiouser.cli.types;

import io.vfiouser.device.Setting;
import java.lang.reflect.RecordComponent;
import java.util.Locale;
import java.util.Optional;

/// One setting of a device type, as users see it.
///
/// @param key what stands before the `=`: the record component's name with dashes
/// @param defaultText its default, as it would be written; may be empty
/// @param description what it does, with unit and range; may be empty
/// @param kind how values are written
/// @param type the component's type
public record SettingSpec(
        String key, String defaultText, String description, SettingKind kind, Class<?> type) {

    static SettingSpec of(RecordComponent component, SettingKind kind, Object defaultValue) {
        String description =
                Optional.ofNullable(component.getAnnotation(Setting.class))
                        .map(Setting::value)
                        .orElse("");
        return new SettingSpec(
                key(component.getName()),
                kind.format(defaultValue),
                description,
                kind,
                component.getType());
    }

    /// `key=default`, as it could be given.
    public String assignment() {
        return key + "=" + defaultText;
    }

    /// How values are written.
    public String expectation() {
        return kind.expectation(type);
    }

    /// All of it in one line.
    String summary() {
        return description.isEmpty() ? assignment() : assignment() + " (" + description + ")";
    }

    /// `blockSize` is `block-size` on the command line.
    private static String key(String componentName) {
        return componentName.replaceAll("([a-z0-9])([A-Z])", "$1-$2").toLowerCase(Locale.ROOT);
    }
}
