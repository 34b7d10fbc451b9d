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

    /// The blocks in their order; tests run in the directory of their module.
    static List<String> ofReadme() throws IOException {
        String text = Files.readString(Path.of("..", "README.md"));
        return BLOCK.matcher(text).results().map(result -> result.group(1)).toList();
    }
}
