package io.vfiouser.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.unix.FileDescriptor;
import io.vfiouser.os.Descriptors;
import io.vfiouser.os.EventFd;
import io.vfiouser.os.FdBundle;
import io.vfiouser.os.NativeCallException;
import io.vfiouser.os.SharedMemory;
import io.vfiouser.protocol.DeviceGetRegionIoFds;
import io.vfiouser.protocol.SubRegionFd;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What a server says of its doorbells is checked before it is used.
@ExtendWith(NoDescriptorLeaks.class)
class RemoteDoorbellsTest {
    private final EventFd eventFd = EventFd.create();
    private final SharedMemory memory = SharedMemory.create("shadow", 0x1000);

    @AfterEach
    void close() {
        eventFd.close();
        memory.close();
    }

    @Test
    void entriesMayShareAnEventfd() {
        try (var doorbells = doorbells(bell(0x0, 4, 0), bell(0x8, 4, 0))) {
            assertThat(doorbells.write(0x0, 4, 1)).isTrue();
            assertThat(doorbells.write(0x8, 4, 1)).isTrue();
            assertThat(eventFd.drain()).isEqualTo(2);
        }
    }

    @Test
    void leavesTheValueInShadowMemoryThenSignals() {
        try (var doorbells = doorbells(shadowed(8, 0, 1, 0x18))) {
            doorbells.write(0x40, 8, 0x1122_3344_5566_7788L);
            assertThat(eventFd.drain()).isEqualTo(1);
            assertThat(memory.segment().get(ValueLayout.JAVA_LONG, 0x18))
                    .isEqualTo(0x1122_3344_5566_7788L);
        }
    }

    @Test
    void passesOverWhatIsNoIoeventfd() {
        var socket = new SubRegionFd(0, 4, 0, SubRegionFd.IOREGIONFD, 0, 0, 0, 0);
        try (var doorbells = doorbells(socket)) {
            assertThat(doorbells.count()).isZero();
            assertThat(doorbells.write(0, 4, 1)).isFalse();
        }
    }

    @ParameterizedTest
    @CsvSource({"2", "2147483647", "-2"})
    void refusesADescriptorThatDidNotCome(int index) {
        assertThatExceptionOfType(MalformedReplyException.class)
                .isThrownBy(() -> doorbells(bell(0, 4, 0), bell(8, 4, index)))
                .withMessageContaining("fd_index: " + Integer.toUnsignedString(index));
        assertThatExceptionOfType(MalformedReplyException.class)
                .isThrownBy(() -> doorbells(shadowed(4, 0, index, 0)));
    }

    @ParameterizedTest
    @CsvSource({
        "4, 0xffd",
        "4, 0x1000",
        "8, 0xffc",
        "8, -8",
        "0, 0",
        "3, 0",
        "16, 0",
        "4, 2",
        "8, 0x7ffffffffffffff8"
    })
    void refusesShadowMemoryThatIsNotThere(long size, String offset) {
        assertThatExceptionOfType(MalformedReplyException.class)
                .isThrownBy(() -> doorbells(shadowed(size, 0, 1, Long.decode(offset))))
                .withMessageContaining("shadow memory: offset");
    }

    @Test
    void refusesToSignalWhatIsNoEventfd() {
        assertThatExceptionOfType(NativeCallException.class)
                .isThrownBy(() -> doorbells(bell(0, 4, 1)));
    }

    @Test
    void doesNothingAfterClose() {
        RemoteDoorbells doorbells = doorbells(bell(0, 4, 0));
        doorbells.close();
        doorbells.close();
        assertThatThrownBy(() -> doorbells.write(0, 4, 1))
                .hasMessage("doorbells: closed (expected: open)");
        assertThat(eventFd.drain()).isZero();
    }

    /// Descriptor 0 is the eventfd, 1 the memory.
    private RemoteDoorbells doorbells(SubRegionFd... entries) {
        FileDescriptor first = Descriptors.duplicate(eventFd.fd());
        var reply =
                new DeviceGetRegionIoFds.Reply(
                        16 + 48L * entries.length, 0, entries.length, List.of(entries));
        try (var fds = new RegionIoFds(reply, FdBundle.of(first, memory.duplicate()))) {
            return RemoteDoorbells.of(fds);
        }
    }

    private static SubRegionFd bell(long offset, long size, int fdIndex) {
        return new SubRegionFd(offset, size, fdIndex, SubRegionFd.IOEVENTFD, 0, 0, 0, 0);
    }

    private static SubRegionFd shadowed(
            long size, int fdIndex, int shadowIndex, long shadowOffset) {
        return new SubRegionFd(
                0x40, size, fdIndex, SubRegionFd.SHADOW_IOEVENTFD, 0, shadowIndex, shadowOffset, 0);
    }
}
