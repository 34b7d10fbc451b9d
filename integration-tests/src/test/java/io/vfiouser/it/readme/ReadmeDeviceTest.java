package io.vfiouser.it.readme;

import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.client.VfioUserClient;
import io.vfiouser.device.Device;
import io.vfiouser.it.support.TestServer;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Whoever copies the README's device gets a device that works.
@ExtendWith(NoDescriptorLeaks.class)
class ReadmeDeviceTest {
    private static final String NAME = "LoopbackDevice";
    private static final int BAR = 2;
    private static final int INTX = 0;

    @TempDir private Path directory;

    @Test
    void compilesAndWorks() throws Exception {
        var compiler = new ReadmeCompiler(directory);
        String device = JavaBlocks.ofReadme().getFirst();
        assertThat(device).contains("class " + NAME);
        assertThat(device.lines()).as("a device in 40 lines").hasSizeLessThanOrEqualTo(40);
        compiler.compile(NAME, device);
        try (var loader = compiler.loader();
                var server = TestServer.start()) {
            var loopback = (Device) loader.loadClass(NAME).getDeclaredConstructor().newInstance();
            drive(server.serve("loop0", loopback));
        }
    }

    @Test
    void mainCompiles() throws Exception {
        var compiler = new ReadmeCompiler(directory);
        compiler.compile(NAME, JavaBlocks.ofReadme().getFirst());
        compiler.compile("Main", JavaBlocks.ofReadme().get(1));
        assertThat(directory.resolve("Main.class")).exists();
    }

    private static void drive(Path socket) {
        try (var client = VfioUserClient.connect(socket)) {
            assertThat(client.configSpace().read32(0)).isEqualTo(0x0dc8_494fL);
            var irq = client.irq(INTX, 0);
            irq.arm();
            client.write(BAR, 0, 1, 0xa5);
            assertThat(client.read(BAR, 1, 1)).isEqualTo(0xa5);
            assertThat(irq.take()).isEqualTo(1);
            client.reset();
            assertThat(client.read(BAR, 1, 1)).isZero();
        }
    }
}
