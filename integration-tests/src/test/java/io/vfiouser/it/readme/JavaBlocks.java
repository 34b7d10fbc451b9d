package io.vfiouser.it.readme;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/// The Java in a Markdown file.
final class JavaBlocks {
    private static final Pattern BLOCK = Pattern.compile("(?s)```java\n(.*?)```");

    private JavaBlocks() {}

    /// The README's blocks in their order.
    static List<String> ofReadme() throws IOException {
        return of(Path.of("README.md"));
    }

    /// A document's blocks in their order; tests run in the directory of their module.
    ///
    /// @param file from the root of the project
    static List<String> of(Path file) throws IOException {
        String text = Files.readString(Path.of("..").resolve(file));
        return BLOCK.matcher(text).results().map(result -> result.group(1)).toList();
    }
}
