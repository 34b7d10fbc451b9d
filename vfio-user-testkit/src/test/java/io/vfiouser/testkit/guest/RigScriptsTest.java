package io.vfiouser.testkit.guest;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RigScriptsTest {
    @TempDir private Path cache;

    @Test
    void areUnpackedOnceAndCanBeRun() throws Exception {
        Path scripts = RigScripts.unpack(cache);
        assertThat(scripts.resolve("guest").resolve("init")).isExecutable();
        assertThat(RigScripts.unpack(cache)).isEqualTo(scripts);
        try (Stream<Path> all = Files.list(cache)) {
            assertThat(all).containsExactly(scripts);
        }
    }

    @Test
    void anEmptyCacheIsToldAndNotFilled() throws Exception {
        Path scripts = RigScripts.unpack(cache);
        var builder =
                new ProcessBuilder(scripts.resolve("setup-qemu.sh").toString(), "--check")
                        .redirectErrorStream(true);
        builder.environment().put("VFIO_USER_RIG_CACHE", cache.resolve("empty").toString());
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isNotZero();
        assertThat(said).startsWith("[rig] ");
        assertThat(cache.resolve("empty")).doesNotExist();
    }
}
