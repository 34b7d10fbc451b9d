package io.vfiouser.cli.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vfiouser.cli.failure.UsageException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class InheritedSocketsTest {
    private static InheritedSockets of(String pid, String count, String names) {
        return InheritedSockets.of(
                Map.of("LISTEN_PID", pid, "LISTEN_FDS", count, "LISTEN_FDNAMES", names), 42);
    }

    @Test
    void areThoseOfThisProcessAlone() {
        assertThat(of("42", "2", "a:b").activated()).containsExactly("fd=3", "fd=4");
        assertThat(of("43", "2", "a:b").activated()).isEmpty();
        assertThat(InheritedSockets.of(Map.of(), 42).activated()).isEmpty();
    }

    @Test
    void aCountThatIsNoneIsRefused() {
        assertThatThrownBy(() -> of("42", "two", ""))
                .isInstanceOf(UsageException.class)
                .hasMessage("LISTEN_FDS: two (expected: a number)");
    }

    @Test
    void aNameIsOneOfLISTEN_FDNAMESThatIsThereOnce() {
        InheritedSockets sockets = of("42", "900000", "a:b:b");
        assertThatThrownBy(() -> sockets.endpoint("socket: ", "fd=c"))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith(
                        "socket: fd=c (expected: fd= and a number, or a name that LISTEN_FDNAMES"
                                + " has once; it has a:b:b");
        assertThatThrownBy(() -> sockets.endpoint("socket: ", "fd=b"))
                .isInstanceOf(UsageException.class);
        assertThatThrownBy(() -> sockets.endpoint("socket: ", "fd="))
                .isInstanceOf(UsageException.class);
    }

    @Test
    void aDescriptorThatIsNotOpenIsNamed() {
        InheritedSockets none = InheritedSockets.of(Map.of(), 42);
        assertThatThrownBy(() -> none.endpoint("f.yaml:3: socket: ", "fd=987654"))
                .isInstanceOf(UsageException.class)
                .hasMessage(
                        "f.yaml:3: socket: fd: 987654: not open (expected: a UNIX stream socket"
                                + " that listens or is connected)");
    }
}
