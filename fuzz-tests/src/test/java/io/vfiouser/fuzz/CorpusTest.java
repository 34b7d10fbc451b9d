package io.vfiouser.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// Runs every input of the corpus, seeds and what was found once, without a fuzzer.
class CorpusTest {
    private static final Path CORPUS = Path.of("src/test/resources/corpus");
    private static final Path SOURCES = Path.of("src/main/java/io/vfiouser/fuzz");

    @TestFactory
    List<DynamicTest> runsTheCorpus() throws IOException {
        var tests = new ArrayList<DynamicTest>();
        for (String target : targets()) {
            for (Path file : sorted(CORPUS.resolve(target))) {
                String name = target + " " + file.getFileName();
                tests.add(dynamicTest(name, () -> run(target, Files.readAllBytes(file))));
            }
        }
        return tests;
    }

    @Test
    void eachTargetHasACorpus() throws IOException {
        assertThat(sorted(CORPUS).stream().map(each -> each.getFileName().toString()))
                .containsExactlyElementsOf(targets());
    }

    private static void run(String target, byte... input) throws Exception {
        switch (target) {
            case "CapabilitiesFuzz" -> CapabilitiesFuzz.fuzzerTestOneInput(input);
            case "CommandBodiesFuzz" -> CommandBodiesFuzz.fuzzerTestOneInput(input);
            case "ConfigSpaceFuzz" -> ConfigSpaceFuzz.fuzzerTestOneInput(input);
            case "DataPointerFuzz" -> DataPointerFuzz.fuzzerTestOneInput(input);
            case "FrameDecoderFuzz" -> FrameDecoderFuzz.fuzzerTestOneInput(input);
            case "NbdFuzz" -> NbdFuzz.fuzzerTestOneInput(input);
            case "NvmeFuzz" -> NvmeFuzz.fuzzerTestOneInput(input);
            case "SessionFuzz" -> SessionFuzz.fuzzerTestOneInput(input);
            default -> throw new AssertionError("target: " + target);
        }
    }

    private static List<String> targets() throws IOException {
        return sorted(SOURCES).stream()
                .map(file -> file.getFileName().toString())
                .filter(name -> name.endsWith("Fuzz.java"))
                .map(name -> name.substring(0, name.length() - ".java".length()))
                .toList();
    }

    private static List<Path> sorted(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.sorted().toList();
        }
    }
}
