package io.vfiouser.it.readme;

import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.device.Device;
import io.vfiouser.it.support.TestServer;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;

/// The device and the client on the page for those who move work together.
@ExtendWith(NoDescriptorLeaks.class)
class MovingPageTest {
    private static final Path PAGE = Path.of("docs", "from-libvfio-user.md");

    @TempDir private Path directory;

    @Test
    @ResourceLock(Resources.SYSTEM_OUT)
    void itsClientDrivesItsDevice() throws Exception {
        List<String> blocks = JavaBlocks.of(PAGE);
        assertThat(blocks).hasSize(2);
        var compiler = new ReadmeCompiler(directory);
        compiler.compile("RecordDevice", blocks.get(0));
        compiler.compile("Client", blocks.get(1));
        var printed = new ByteArrayOutputStream();
        PrintStream before = System.out;
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        try (var loader = compiler.loader();
                var server = TestServer.start()) {
            var device = (Device) newInstance(loader, "RecordDevice");
            Path socket = server.serve("records0", device);
            Object client = newInstance(loader, "Client");
            Method main = client.getClass().getDeclaredMethod("main", String[].class);
            main.setAccessible(true);
            main.invoke(client, (Object) new String[] {socket.toString()});
        } finally {
            System.setOut(before);
        }
        assertThat(printed.toString(StandardCharsets.UTF_8).lines())
                .containsExactly("interrupts: 1", "interrupts: 1", "records: 2");
    }

    private static Object newInstance(URLClassLoader loader, String name) throws Exception {
        Constructor<?> constructor = loader.loadClass(name).getDeclaredConstructor();
        constructor.setAccessible(true);
        return constructor.newInstance();
    }
}
