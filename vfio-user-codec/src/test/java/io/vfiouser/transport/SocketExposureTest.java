package io.vfiouser.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.vfiouser.os.FileModes;
import io.vfiouser.os.Platform;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SocketExposureTest {
    @TempDir private Path directory;

    @BeforeAll
    static void load() {
        Platform.ensureSupported();
    }

    @Test
    void warnsOfADirectoryThatEveryUserCanWriteTo() throws IOException {
        FileModes.set(directory, 0777);
        assertThat(SocketPath.exposure(directory.resolve("s")))
                .contains(
                        "directory "
                                + directory
                                + ": mode 0777: every user may replace the socket (expected: not"
                                + " writable by others, or sticky)");
    }

    @Test
    void isContentWithAStickyOneAndWithAPrivateOne() throws IOException {
        FileModes.set(directory, 01777);
        assertThat(SocketPath.exposure(directory.resolve("s"))).isEmpty();
        FileModes.set(directory, 0770);
        assertThat(SocketPath.exposure(directory.resolve("s"))).isEmpty();
    }

    @Test
    void modesBeyondThePermissionBitsAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SocketPermissions.DEFAULT.withMode(04755))
                .withMessage("mode: 04755 (expected: 0 to 0777)");
    }
}
