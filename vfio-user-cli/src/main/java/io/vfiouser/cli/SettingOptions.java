package io.vfiouser.cli;

import io.vfiouser.cli.failure.UsageException;
import io.vfiouser.cli.text.Quoted;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The `--set KEY=VALUE` options as a map.
final class SettingOptions {
    private SettingOptions() {}

    /// Values by key; a value may hold further `=`.
    ///
    /// @throws UsageException for one that is not `KEY=VALUE`, or a key given twice
    static Map<String, String> parse(List<String> options) {
        Map<String, String> settings = new LinkedHashMap<>();
        for (String option : options) {
            int equals = option.indexOf('=');
            if (equals < 1) {
                throw new UsageException(
                        "--set: %s (expected: KEY=VALUE)".formatted(Quoted.of(option)));
            }
            String key = option.substring(0, equals);
            if (settings.put(key, option.substring(equals + 1)) != null) {
                throw new UsageException(
                        "--set: %s: given twice (expected: once)".formatted(Quoted.of(key)));
            }
        }
        return settings;
    }
}
