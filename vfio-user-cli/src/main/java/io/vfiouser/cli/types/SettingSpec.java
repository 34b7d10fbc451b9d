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
/// @param expectation how values are written
public record SettingSpec(String key, String defaultText, String description, String expectation) {

    static SettingSpec of(RecordComponent component, String defaultText, String expectation) {
        String description =
                Optional.ofNullable(component.getAnnotation(Setting.class))
                        .map(Setting::value)
                        .orElse("");
        return new SettingSpec(key(component.getName()), defaultText, description, expectation);
    }

    /// `key=default`, as it could be given.
    public String assignment() {
        return key + "=" + defaultText;
    }

    /// All of it in one line.
    String summary() {
        return description.isEmpty() ? assignment() : assignment() + " (" + description + ")";
    }

    /// `blockSize` is `block-size` on the command line.
    static String key(String componentName) {
        return componentName.replaceAll("([a-z0-9])([A-Z])", "$1-$2").toLowerCase(Locale.ROOT);
    }
}
