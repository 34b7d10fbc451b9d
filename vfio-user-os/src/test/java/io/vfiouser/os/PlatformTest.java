package io.vfiouser.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

class PlatformTest {
    @Test
    void acceptsThisMachine() {
        assertThatCode(Platform::ensureSupported).doesNotThrowAnyException();
    }

    @Test
    void refusesOtherMachines() {
        assertThatIllegalStateException()
                .isThrownBy(() ->
                        Platform.checkMachine("Mac OS X", "aarch64", "64", ByteOrder.LITTLE_ENDIAN))
                .withMessage("os.name: Mac OS X (expected: Linux)");
        assertThatIllegalStateException()
                .isThrownBy(
                        () -> Platform.checkMachine("Linux", "s390x", "64", ByteOrder.BIG_ENDIAN))
                .withMessageContaining("s390x, 64-bit, BIG_ENDIAN");
        assertThatIllegalStateException()
                .isThrownBy(
                        () -> Platform.checkMachine("Linux", "i386", "32", ByteOrder.LITTLE_ENDIAN))
                .withMessageContaining("32-bit");
    }

    @Test
    void namesWhatToInstallOrAllow() {
        assertThat(Platform.missingEpoll("aarch64")).contains("linux-aarch_64");
        assertThat(Platform.missingEpoll("amd64"))
                .contains("netty-transport-native-epoll:linux-x86_64");
        assertThat(Platform.missingNativeAccess(true))
                .contains("--enable-native-access=io.vfiouser.os");
        assertThat(Platform.missingNativeAccess(false))
                .contains("--enable-native-access=ALL-UNNAMED");
    }
}
