package io.vfiouser.it.irq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.netty.buffer.Unpooled;
import io.vfiouser.client.RemoteErrorException;
import io.vfiouser.client.RemoteIrq;
import io.vfiouser.client.VfioUserClient;
import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.it.support.TestServer;
import io.vfiouser.os.Descriptors;
import io.vfiouser.os.Errno;
import io.vfiouser.os.EventFd;
import io.vfiouser.os.FdBundle;
import io.vfiouser.protocol.DeviceSetIrqs;
import io.vfiouser.protocol.IrqAction;
import io.vfiouser.protocol.IrqData;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What a client masks stays silent, and the device hears of it if it asked to.
@ExtendWith(NoDescriptorLeaks.class)
class IrqMaskTest {
    private static final Duration SECONDS = Duration.ofSeconds(10);

    private final TestServer server = TestServer.start();
    private final FiringDevice device = new FiringDevice();
    private VfioUserClient client;

    @BeforeEach
    void connect() {
        client = VfioUserClient.connect(server.serve("firing", device));
    }

    @AfterEach
    void close() {
        client.close();
        server.close();
    }

    @ParameterizedTest
    @EnumSource(
            value = IrqIndex.class,
            names = {"INTX", "MSI", "MSIX"})
    void tellsTheDeviceWhatIsMaskedWithoutData(IrqIndex index) throws InterruptedException {
        int count = index == IrqIndex.INTX ? 1 : 2;
        set(index, 0, count, IrqAction.MASK, new IrqData.None());
        set(index, 0, count, IrqAction.UNMASK, new IrqData.None());

        assertThat(device.heard.take()).isEqualTo(index + " 0+" + count + " on");
        assertThat(device.heard.take()).isEqualTo(index + " 0+" + count + " off");
    }

    @Test
    void tellsTheDeviceOfTheSetBytesOnlyAndOfNeighboursAtOnce() {
        set(IrqIndex.MSI, 0, 4, IrqAction.MASK, bytes(1, 1, 0, 1));
        set(IrqIndex.MSI, 0, 4, IrqAction.UNMASK, bytes(0, 2, 0, 0));

        assertThat(device.heard).containsExactly("MSI 0+2 on", "MSI 3+1 on");
    }

    @Test
    void firesWhatWasMaskedByByteOnceItIsUnmasked() {
        RemoteIrq first = armed(IrqIndex.MSIX, 0);
        RemoteIrq second = armed(IrqIndex.MSIX, 1);
        set(IrqIndex.MSIX, 0, 2, IrqAction.MASK, bytes(0, 1));
        fire(IrqIndex.MSIX, 0);
        fire(IrqIndex.MSIX, 1);

        assertThat(first.take()).isEqualTo(1);
        assertThat(second.take()).isZero();
        set(IrqIndex.MSIX, 0, 2, IrqAction.UNMASK, bytes(0, 1));
        assertThat(second.take()).isEqualTo(1);
    }

    @Test
    void masksAndUnmasksByEventfdAndTellsTheDevice() throws InterruptedException {
        RemoteIrq irq = armed(IrqIndex.INTX, 0);
        try (var mask = EventFd.create();
                var unmask = EventFd.create()) {
            setEventFd(IrqIndex.INTX, IrqAction.MASK, mask);
            setEventFd(IrqIndex.INTX, IrqAction.UNMASK, unmask);
            mask.signal();
            assertThat(device.heard.take()).isEqualTo("INTX 0+1 on");
            fire(IrqIndex.INTX, 0);
            assertThat(irq.take()).as("while it is masked").isZero();

            unmask.signal();
            assertThat(device.heard.take()).isEqualTo("INTX 0+1 off");
            assertThat(irq.take()).isEqualTo(1);

            set(IrqIndex.INTX, 0, 1, IrqAction.MASK, new IrqData.Eventfd());
            mask.signal();
            fire(IrqIndex.INTX, 0);
            assertThat(irq.take()).as("after its mask eventfd was taken away").isEqualTo(1);
        }
    }

    @Test
    void aDeviceThatThrowsAtANoticeFailsNoCommand() {
        RemoteIrq irq = armed(IrqIndex.MSI, 3);
        irq.mask();
        irq.unmask();

        assertThat(device.heard).containsExactly("MSI 3+1 on", "MSI 3+1 off");
        fire(IrqIndex.MSI, 3);
        assertThat(irq.take()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource(
            value = IrqIndex.class,
            names = {"ERR", "REQ"})
    void errAndReqAreFiredByTheDeviceAndCannotBeMasked(IrqIndex index) {
        RemoteIrq irq = armed(index, 0);
        fire(index, 0);

        assertThat(irq.await(SECONDS)).isEqualTo(1);
        assertThatExceptionOfType(RemoteErrorException.class)
                .isThrownBy(irq::mask)
                .extracting(RemoteErrorException::errno)
                .isEqualTo(Errno.EINVAL);
        assertThat(device.heard).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(IrqIndex.class)
    void aFullEventfdOrNoneHoldsNothingUp(IrqIndex index) throws IOException {
        fire(index, 0);
        try (var full = EventFd.create()) {
            ByteBuffer most = ByteBuffer.allocateDirect(Long.BYTES).order(ByteOrder.nativeOrder());
            most.putLong(0, -2L);
            assertThat(full.fd().write(most, 0, Long.BYTES)).isEqualTo(Long.BYTES);
            setEventFd(index, IrqAction.TRIGGER, full);
            fire(index, 0);
            fire(index, 0);

            assertThat(client.read(FiringDevice.BAR, 0, 4)).isEqualTo(3);
            // The kernel's signals count one further than a write may, and no further.
            assertThat(full.drain()).isEqualTo(-1L);
            fire(index, 0);
            assertThat(full.drain()).as("once there is room again").isEqualTo(1);
        }
    }

    private RemoteIrq armed(IrqIndex index, int vector) {
        RemoteIrq irq = client.irq(index.index(), vector);
        irq.arm();
        return irq;
    }

    private void fire(IrqIndex index, int vector) {
        client.write(FiringDevice.BAR, 0, 4, (long) index.index() << 16 | vector);
    }

    private void set(IrqIndex index, int start, int count, IrqAction action, IrqData data) {
        client.setIrqs(
                new DeviceSetIrqs(index.index(), start, count, action, data), FdBundle.empty());
    }

    private void setEventFd(IrqIndex index, IrqAction action, EventFd eventFd) {
        client.setIrqs(
                new DeviceSetIrqs(index.index(), 0, 1, action, new IrqData.Eventfd()),
                FdBundle.of(Descriptors.duplicate(eventFd.fd())));
    }

    private static IrqData bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return new IrqData.Bool(Unpooled.wrappedBuffer(bytes));
    }
}
