package io.vfiouser.cli.doctor;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What the kernel tells of itself.
///
/// @param root `/proc`
record ProcFiles(Path root) {
    /// Enough for any of these files; some give their text in one read only.
    private static final int MOST = 1 << 16;

    /// A file's text without the space around it; empty if there is none.
    Optional<String> text(String name) {
        try (var in = Files.newInputStream(root.resolve(name))) {
            byte[] bytes = new byte[MOST];
            int count = in.read(bytes);
            return Optional.of(new String(bytes, 0, Math.max(0, count), UTF_8).strip());
        } catch (IOException _) {
            return Optional.empty();
        }
    }

    /// The number that a pattern's first group finds in a file.
    OptionalLong number(String name, Pattern pattern) {
        return text(name)
                .map(pattern::matcher)
                .filter(Matcher::find)
                .map(matcher -> OptionalLong.of(Long.parseLong(matcher.group(1))))
                .orElse(OptionalLong.empty());
    }
}
