package io.vfiouser.cli.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

final class QemuArgumentsTest {
    @Test
    void sharesMemoryAndAttachesEachSocket() {
        var arguments =
                new QemuArguments(
                        List.of(Path.of("/run/a.sock"), Path.of("/run/b.sock")), 1L << 31);
        assertThat(arguments.shellText())
                .isEqualTo(
                        """
                        -object memory-backend-memfd,id=mem,size=2G,share=on \\
                        -machine q35,memory-backend=mem \\
                        -device '{"driver":"vfio-user-pci","socket":{"type":"unix","path":"/run/a.sock"}}' \\
                        -device '{"driver":"vfio-user-pci","socket":{"type":"unix","path":"/run/b.sock"}}'\
                        """);
    }

    @Test
    void survivesTheShellWhateverThePathHolds() throws IOException, InterruptedException {
        var path = Path.of("/tmp/it's a \"\\$HOME\" `x`\n.sock");
        var arguments = new QemuArguments(List.of(path), 512 << 20);
        var shell =
                new ProcessBuilder("sh", "-c", "printf '%s\\0' " + arguments.shellText()).start();
        byte[] seen = shell.getInputStream().readAllBytes();
        assertThat(shell.waitFor()).isZero();
        assertThat(new String(seen, StandardCharsets.UTF_8).split("\0"))
                .containsExactlyElementsOf(arguments.words());
        assertThat(arguments.words().getLast())
                .endsWith("\"/tmp/it's a \\\"\\\\$HOME\\\" `x`\\u000a.sock\"}}");
    }
}
