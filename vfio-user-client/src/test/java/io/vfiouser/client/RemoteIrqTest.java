package io.vfiouser.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.Unpooled;
import io.vfiouser.os.Descriptors;
import io.vfiouser.os.EventFd;
import io.vfiouser.os.FdBundle;
import io.vfiouser.protocol.DeviceSetIrqs;
import io.vfiouser.protocol.IrqAction;
import io.vfiouser.protocol.IrqData;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class RemoteIrqTest extends ClientTest {
    private static final Duration LONG = Duration.ofSeconds(20);

    @Test
    void asksForAnInterruptType() {
        try (VfioUserClient client = connect()) {
            var asking = beside(() -> client.irqInfo(2));
            server.expect(
                    "01 00 07 00 20 00 00 00 00 00 00 00 00 00 00 00"
                            + "10 00 00 00 00 00 00 00 02 00 00 00 00 00 00 00");
            server.send(
                    "01 00 07 00 20 00 00 00 01 00 00 00 00 00 00 00"
                            + "10 00 00 00 01 00 00 00 02 00 00 00 08 00 00 00");
            assertThat(asking.join().count()).isEqualTo(8);
            assertThat(asking.join().flags().eventfd()).isTrue();
        }
    }

    @Test
    void armsAVectorAndWaitsForIt() {
        try (VfioUserClient client = connect()) {
            RemoteIrq irq = client.irq(2, 5);
            var arming = beside(irq::arm);
            server.expect(setIrqs(1, 0x24, 5));
            EventFd signal = EventFd.adopt(server.takeDescriptors().take(0));
            server.send(done(1));
            arming.join();
            assertThat(irq.take()).isZero();
            signal.signal();
            signal.signal();
            assertThat(irq.await(LONG)).isEqualTo(2);
            assertThat(irq.await(Duration.ofMillis(5))).isZero();
            signal.close();
        }
    }

    @Test
    void closesTheEventfdThatTheServerRefuses() {
        try (VfioUserClient client = connect()) {
            RemoteIrq irq = client.irq(2, 5);
            var arming = beside(irq::arm);
            server.expect(setIrqs(1, 0x24, 5));
            server.takeDescriptors().close();
            server.send("01 00 08 00 10 00 00 00 21 00 00 00 16 00 00 00");
            assertThatThrownBy(arming::join).hasCauseInstanceOf(RemoteErrorException.class);
            assertThatThrownBy(irq::take)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("IRQ 2 vector 5: not armed (expected: armed)");
        }
    }

    @Test
    void armsOnceMoreWithANewEventfd() {
        try (VfioUserClient client = connect()) {
            RemoteIrq irq = client.irq(2, 5);
            for (int id = 1; id <= 2; id++) {
                var arming = beside(irq::arm);
                server.expect(setIrqs(id, 0x24, 5));
                EventFd signal = EventFd.adopt(server.takeDescriptors().take(0));
                server.send(done(id));
                EventFd armed = arming.join();
                signal.signal();
                assertThat(armed.await(LONG)).isTrue();
                signal.close();
            }
            assertThat(irq.take()).isEqualTo(1);
        }
    }

    @Test
    void disarmsMasksUnmasksAndTriggers() {
        try (VfioUserClient client = connect()) {
            RemoteIrq irq = client.irq(2, 5);
            Runnable[] calls = {irq::mask, irq::unmask, irq::trigger, irq::disarm};
            int[] flags = {0x09, 0x11, 0x21, 0x24};
            for (int i = 0; i < calls.length; i++) {
                var call = beside(calls[i]);
                server.expect(setIrqs(i + 1, flags[i], 5));
                server.send(done(i + 1));
                call.join();
            }
        }
    }

    @Test
    void sendsSeveralEventfdsInOneMessage() {
        try (VfioUserClient client = connect();
                EventFd first = EventFd.create();
                EventFd second = EventFd.create()) {
            var request = new DeviceSetIrqs(2, 0, 2, IrqAction.TRIGGER, new IrqData.Eventfd());
            var descriptors =
                    FdBundle.of(
                            Descriptors.duplicate(first.fd()), Descriptors.duplicate(second.fd()));
            var setting = beside(() -> client.setIrqs(request, descriptors));
            server.expect(
                    "01 00 08 00 24 00 00 00 00 00 00 00 00 00 00 00"
                            + "14 00 00 00 24 00 00 00 02 00 00 00 00 00 00 00 02 00 00 00");
            try (FdBundle received = server.takeDescriptors();
                    EventFd signal = EventFd.adopt(received.take(1))) {
                assertThat(received.count()).isEqualTo(2);
                signal.signal();
            }
            server.send(done(1));
            setting.join();
            assertThat(first.drain()).isZero();
            assertThat(second.drain()).isEqualTo(1);
        }
    }

    @Test
    void triggersTheVectorsOfABitmap() {
        try (VfioUserClient client = connect()) {
            var data = new IrqData.Bool(Unpooled.wrappedBuffer(new byte[] {1, 0, 1}));
            var request = new DeviceSetIrqs(2, 0, 3, IrqAction.TRIGGER, data);
            var setting = beside(() -> client.setIrqs(request, FdBundle.empty()));
            server.expect(
                    "01 00 08 00 27 00 00 00 00 00 00 00 00 00 00 00"
                            + "17 00 00 00 22 00 00 00 02 00 00 00 00 00 00 00 03 00 00 00"
                            + "01 00 01");
            server.send(done(1));
            setting.join();
        }
    }

    @Test
    void armsNothingOnceTheClientIsClosed() {
        VfioUserClient client = connect();
        RemoteIrq irq = client.irq(0, 0);
        client.close();
        assertThatThrownBy(irq::arm)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("IRQ 0 vector 0: closed (expected: open)");
        RemoteIrq late = client.irq(0, 0);
        assertThatThrownBy(late::arm).isInstanceOf(IllegalStateException.class);
    }

    private static String setIrqs(int id, int flags, int vector) {
        return ("%02x 00 08 00 24 00 00 00 00 00 00 00 00 00 00 00"
                        + "14 00 00 00 %02x 00 00 00 02 00 00 00 %02x 00 00 00 01 00 00 00")
                .formatted(id, flags, vector);
    }

    private static String done(int id) {
        return "%02x 00 08 00 10 00 00 00 01 00 00 00 00 00 00 00".formatted(id);
    }
}
