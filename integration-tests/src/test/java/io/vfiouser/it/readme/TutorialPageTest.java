package io.vfiouser.it.readme;

import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.device.Device;
import io.vfiouser.device.DeviceProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The tutorial's code compiles, its tests pass, and what it quotes is in the device.
class TutorialPageTest {
    private static final Path PAGE = Path.of("docs", "tutorial.md");
    private static final Pattern QUOTED = Pattern.compile("(?s)```excerpt\n(.*?)```");

    @TempDir private Path directory;

    @Test
    void eachStepCompiles() throws Exception {
        var compiler = new ReadmeCompiler(directory);
        List<String> blocks = JavaBlocks.of(PAGE);
        compiler.compile("ChecksumDevice", blocks.get(0));
        compiler.compile("Serve", blocks.get(1));
        assertThat(directory.resolve("Serve.class")).exists();
    }

    @Test
    void itsTestsPass() throws Exception {
        TutorialCode.compile(directory);
        var compiler = new ReadmeCompiler(directory);
        List<String> blocks = JavaBlocks.of(PAGE);
        assertThat(blocks).hasSize(7);
        compiler.compile("ChecksumTest", blocks.get(3));
        compiler.compile("LostInterruptTest", blocks.get(4));
        TutorialCode.compileGuestTest(directory); // TutorialGuestTest runs it
        try (var loader = compiler.loader()) {
            assertThat(TutorialCode.run(loader, "ChecksumTest", "LostInterruptTest")).isEqualTo(3);
        }
    }

    @Test
    void itsProviderMakesTheDevice() throws Exception {
        var compiler = new ReadmeCompiler(directory);
        compiler.compile("ChecksumDevice", "package com.example;\n" + TutorialCode.device());
        compiler.compile("ChecksumProvider", JavaBlocks.of(PAGE).get(6));
        try (var loader = compiler.loader()) {
            var provider =
                    (DeviceProvider<?>)
                            loader.loadClass("com.example.ChecksumProvider")
                                    .getConstructor()
                                    .newInstance();
            assertThat(provider.name()).isEqualTo("checksum");
            assertThat(made(provider).getClass().getName()).isEqualTo("com.example.ChecksumDevice");
        }
    }

    private static <S extends Record> Device made(DeviceProvider<S> provider) {
        return provider.create(provider.defaults());
    }

    @Test
    void itsPomHasThePluginsOfOurs() throws Exception {
        String pom = Files.readString(Path.of("..", "pom.xml"));
        var plugin = Pattern.compile("<artifactId>maven-[a-z]+-plugin</artifactId>\\s+<version>.*");
        List<String> ours =
                plugin.matcher(pom)
                        .results()
                        .map(MatchResult::group)
                        .map(TutorialPageTest::flat)
                        .toList();
        List<String> its =
                plugin.matcher(text())
                        .results()
                        .map(MatchResult::group)
                        .map(TutorialPageTest::flat)
                        .toList();
        assertThat(its).hasSize(2).allMatch(ours::contains);
    }

    private static String flat(String xml) {
        return xml.replaceAll("\\s+", "");
    }

    @Test
    void whatItQuotesIsInTheDevice() throws Exception {
        String device = TutorialCode.device();
        List<String> quoted =
                QUOTED.matcher(text())
                        .results()
                        .map((MatchResult result) -> result.group(1))
                        .flatMap(String::lines)
                        .map(String::strip)
                        .toList();
        assertThat(quoted).hasSizeGreaterThan(5);
        List<String> lines = device.lines().map(String::strip).toList();
        assertThat(lines).containsAll(quoted);
    }

    @Test
    void itsPomNamesThisVersion() throws Exception {
        String pom = Files.readString(Path.of("..", "pom.xml"));
        var version = Pattern.compile("<vfio-user.version>(.*?)</").matcher(text());
        assertThat(version.find()).isTrue();
        assertThat(pom).contains("<version>" + version.group(1) + "</version>");
    }

    private static String text() throws IOException {
        return Files.readString(Path.of("..").resolve(PAGE));
    }
}
