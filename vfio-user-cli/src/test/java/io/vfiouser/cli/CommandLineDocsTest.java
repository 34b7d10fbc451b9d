package io.vfiouser.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.cli.types.DeviceType;
import io.vfiouser.cli.types.DeviceTypes;
import io.vfiouser.cli.types.FilterKind;
import io.vfiouser.cli.types.FilterKinds;
import io.vfiouser.cli.types.SettingGroup;
import io.vfiouser.cli.types.SettingSpec;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/// What there is on the command line is in `docs/`, and what `docs/` name is there.
class CommandLineDocsTest {
    private static final Path DOCS =
            Stream.of(Path.of("docs"), Path.of("../docs"))
                    .filter(Files::isDirectory)
                    .findFirst()
                    .orElseThrow();

    private static final Pattern OPTION = Pattern.compile("(?<![\\w-])--[a-z][a-z-]*");

    /// Commands in blocks of code and in backticks.
    private static final Pattern CALL =
            Pattern.compile("(?:\\./|`)?vfio-user ((?:[a-z-]+ ?)[^`\\n]*)");

    private static Map<String, CommandLine> commands() {
        var sink = new PrintWriter(new StringWriter());
        Map<String, CommandLine> all = new TreeMap<>();
        collect("", VfioUserCommand.commandLine(sink, sink), all);
        all.remove("");
        return all;
    }

    private static void collect(String name, CommandLine line, Map<String, CommandLine> into) {
        into.put(name, line);
        line.getSubcommands()
                .forEach((sub, below) -> collect((name + " " + sub).strip(), below, into));
    }

    private static Set<String> options(CommandLine line) {
        return line.getCommandSpec().options().stream()
                .filter(option -> !option.inherited() && !option.hidden())
                .map(OptionSpec::longestName)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static String page(String name) {
        try {
            return Files.readString(DOCS.resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<Path, String> pages() throws IOException {
        Map<Path, String> all = new TreeMap<>();
        try (Stream<Path> files = Files.walk(DOCS)) {
            files.filter(file -> file.toString().endsWith(".md"))
                    .forEach(file -> all.put(file, page(DOCS.relativize(file).toString())));
        }
        return all;
    }

    @Test
    void everyCommandAndOptionIsOnThePageOfTheCommandLine() {
        String page = page("command-line.md");
        var missing = new ArrayList<String>();
        commands()
                .forEach((name, line) -> {
                    int start = page.indexOf("\n### " + name + "\n");
                    if (start < 0) {
                        missing.add(name);
                        return;
                    }
                    int end = page.indexOf("\n### ", start + 5);
                    String section = end < 0 ? page.substring(start) : page.substring(start, end);
                    Set<String> told =
                            OPTION.matcher(section)
                                    .results()
                                    .map(match -> match.group())
                                    .collect(Collectors.toSet());
                    options(line).stream()
                            .filter(option ->
                                    !Set.of("--help", "--version", "--verbose").contains(option))
                            .filter(option -> !told.contains(option))
                            .forEach(option -> missing.add(name + " " + option));
                });
        assertThat(missing).isEmpty();
    }

    @Test
    void everyOptionThatADocumentNamesIsThere() throws IOException {
        Map<String, CommandLine> commands = commands();
        var unknown = new ArrayList<String>();
        pages().forEach((file, text) ->
                CALL.matcher(text.replace("\\\n", " "))
                        .results()
                        .forEach(call -> check(file, call.group(1), commands, unknown)));
        assertThat(unknown).isEmpty();
    }

    private static void check(
            Path file, String call, Map<String, CommandLine> commands, List<String> unknown) {
        String own = call.split("\\||\\$\\(|>|;|&& | # ", 2)[0];
        String first = own.split(" ", 2)[0];
        CommandLine line = commands.get(first);
        if (line == null) {
            return; // prose, such as "vfio-user server"
        }
        var known = new TreeSet<>(Set.of("--help", "--version", "--verbose"));
        known.addAll(options(line));
        commands.forEach((name, sub) -> {
            if (name.startsWith(first + " ")) {
                known.addAll(options(sub));
            }
        });
        line.getCommandSpec().options().forEach(option -> known.addAll(List.of(option.names())));
        OPTION.matcher(own)
                .results()
                .map(match -> match.group())
                .filter(option -> !known.contains(option))
                .forEach(option -> unknown.add(file + ": " + first + " " + option));
    }

    @Test
    void everyDeviceTypeHasAPageWithItsSettings() {
        var missing = new ArrayList<String>();
        for (DeviceType<?> type : DeviceTypes.installed().all()) {
            Path file = DOCS.resolve("devices/" + type.name() + ".md");
            if (!Files.exists(file)) {
                missing.add(type.name());
                continue;
            }
            String page = page("devices/" + type.name() + ".md") + page("storage.md");
            type.settings().forEach(setting -> find(page, type.name(), setting, missing));
            for (SettingGroup group : type.groups()) {
                group.settings().forEach(setting -> find(page, group.choice(), setting, missing));
            }
        }
        assertThat(missing).isEmpty();
    }

    private static void find(String page, String owner, SettingSpec setting, List<String> missing) {
        if (!page.contains("`" + setting.key() + "`") && !page.contains(setting.key() + "=")) {
            missing.add(owner + " " + setting.key());
        }
    }

    @Test
    void everyFilterIsOnItsPageWithItsSettings() {
        String page = page("filters.md");
        var missing = new ArrayList<String>();
        for (FilterKind<?> kind : FilterKinds.installed().all()) {
            String row =
                    page.lines()
                            .filter(line -> line.startsWith("| `" + kind.name() + "` |"))
                            .findFirst()
                            .orElse("");
            if (row.isEmpty()) {
                missing.add(kind.name());
            }
            kind.settings().stream()
                    .filter(setting -> !row.contains("`" + setting.key() + "`"))
                    .forEach(setting -> missing.add(kind.name() + " " + setting.key()));
        }
        assertThat(missing).isEmpty();
    }
}
