package io.vfiouser.os;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ErrnoTest {
    @Test
    void namesWhatLinuxNames() {
        assertThat(Errno.EINVAL.number()).isEqualTo(22);
        assertThat(Errno.EINVAL).hasToString("EINVAL");
        assertThat(Errno.EINVAL.text()).isEqualTo("Invalid argument");
        assertThat(Errno.ENOTSUP.number()).isEqualTo(95);
        assertThat(Errno.ENOTSUP.name()).isEqualTo("ENOTSUP");
        assertThat(Errno.EAGAIN.name()).isEqualTo("EAGAIN");
    }

    @Test
    void keepsNumbersWithoutAName() {
        assertThat(Errno.of(523)).hasToString("errno 523");
        assertThat(Errno.of(523).text()).isEqualTo("Unknown error 523");
        assertThat(Errno.of(-1)).hasToString("errno 4294967295");
        assertThat(Errno.of(0)).hasToString("errno 0");
    }

    @Test
    void exceptionSaysCallErrorAndArguments() {
        var e = new NativeCallException("mmap", Errno.EACCES, "fd=7");

        assertThat(e).hasMessage("mmap(fd=7): EACCES (Permission denied)");
        assertThat(e.errno()).isEqualTo(Errno.EACCES);
        assertThat(e.call()).isEqualTo("mmap");
    }
}
