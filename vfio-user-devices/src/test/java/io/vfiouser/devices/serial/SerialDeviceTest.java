package io.vfiouser.devices.serial;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.vfiouser.device.ResetReason;
import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.device.pci.PciClass;
import io.vfiouser.os.Errno;
import io.vfiouser.testkit.DeviceTester;
import io.vfiouser.testkit.FiredInterrupt;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SerialDeviceTest {
    private static final FiredInterrupt INTX = new FiredInterrupt(IrqIndex.INTX, 0);

    /// Eight characters of ten bits at 115200 baud: the longest that a time-out takes.
    private static final Duration TIMEOUT = Duration.ofNanos(8 * 86_806);

    private final CableEnd cable = new CableEnd();
    private final DeviceTester uart = DeviceTester.attach(new SerialDevice(cable));

    @BeforeEach
    void arm() {
        uart.arm(IrqIndex.INTX);
        uart.write("LCR", 0x03); // 8 bits; 5 after power-on
        uart.runTasks();
    }

    @AfterEach
    void close() {
        uart.close();
        assertThat(cable.closed).isTrue();
    }

    /// 115200 baud, 8 bits, no parity, FIFOs with the trigger level of this code.
    private void setUp(int trigger) {
        uart.write("LCR", 0x83);
        uart.write("RBR_THR", 1);
        uart.write("IER", 0);
        uart.write("LCR", 0x03);
        uart.write("IIR_FCR", 0x01 | trigger << 6);
    }

    private String receiveAll() {
        var text = new StringBuilder();
        while ((uart.read("LSR") & 0x01) != 0) {
            text.append((char) uart.read("RBR_THR"));
            uart.runTasks();
        }
        return text.toString();
    }

    private void send(String text) {
        text.chars().forEach(each -> uart.write("RBR_THR", each));
    }

    @Test
    void looksLikeQemus() {
        var layout = uart.layout();
        assertThat(layout.id().vendor()).isEqualTo(0x1b36);
        assertThat(layout.id().device()).isEqualTo(0x0002);
        assertThat(layout.pciClass()).isEqualTo(new PciClass(0x07, 0x00, 0x02));
        assertThat(layout.bar(0).orElseThrow().region().size()).isEqualTo(8);
        assertThat(layout.irqCount(IrqIndex.INTX)).isEqualTo(1);
    }

    @Test
    void isA16550AToAProbe() {
        uart.write("SCR", 0xa5);
        assertThat(uart.read("SCR")).isEqualTo(0xa5);
        uart.write("IER", 0xff);
        assertThat(uart.read("IER")).isEqualTo(0x0f);
        uart.write("IER", 0);
        assertThat(uart.read("IIR_FCR")).as("no FIFO").isEqualTo(0x01);
        uart.write("IIR_FCR", 0x01);
        assertThat(uart.read("IIR_FCR")).as("FIFOs, no 16750").isEqualTo(0xc1);
        assertThat(uart.read("LSR")).isEqualTo(0x60);
        uart.write("MCR", 0xff);
        assertThat(uart.read("MCR")).isEqualTo(0x1f);
    }

    @Test
    void divisorLatchesHideDataAndInterruptEnable() {
        uart.write("IER", 0x05);
        uart.write("LCR", 0x80);
        assertThat(uart.read("RBR_THR")).as("9600 baud").isEqualTo(12);
        uart.write("RBR_THR", 0x34);
        uart.write("IER", 0x12);
        assertThat(uart.read(0, 0, 2)).isEqualTo(0x1234);
        uart.write("LCR", 0x03);
        assertThat(uart.read("IER")).isEqualTo(0x05);
        uart.runTasks();
        assertThat(cable.received).isEmpty();
    }

    @Nested
    class Sending {
        @Test
        void sendsWhatFillsTheFifoInOnePiece() {
            setUp(0);
            send("0123456789abcdefX");
            assertThat(uart.read("LSR") & 0x60).as("the FIFO is not empty").isZero();
            uart.runTasks();
            assertThat(cable.pieces)
                    .as("what had no room is lost")
                    .containsExactly("0123456789abcdef");
            assertThat(uart.read("LSR")).isEqualTo(0x60);
        }

        @Test
        void waitsForTheOtherEnd() {
            setUp(0);
            cable.slow = true;
            send("on the line");
            uart.runTasks();
            assertThat(uart.read("LSR")).as("empty, not idle").isEqualTo(0x20);
            send("in the FIFO");
            uart.runTasks();
            assertThat(cable.received).hasToString("on the line");
            assertThat(uart.read("LSR")).isZero();

            cable.take();
            uart.runTasks();
            cable.take();
            uart.runTasks();

            assertThat(cable.pieces).containsExactly("on the line", "in the FIFO");
            assertThat(uart.read("LSR")).isEqualTo(0x60);
        }

        @Test
        void goesOnWhenTheOtherEndRefuses() {
            cable.slow = true;
            send("a");
            uart.runTasks();
            cable.refuse(new IOException("gone"));
            uart.runTasks();
            send("b");
            uart.runTasks();
            assertThat(cable.pieces).containsExactly("a", "b");
        }

        @Test
        void interruptsOnceWhenThereIsRoom() {
            setUp(0);
            uart.write("IER", 0x02);
            assertThat(uart.interrupts()).as("enabled while empty").containsExactly(INTX);
            assertThat(uart.read("IIR_FCR")).isEqualTo(0xc2);
            assertThat(uart.isRaised(IrqIndex.INTX, 0)).as("read off IIR").isFalse();
            assertThat(uart.read("IIR_FCR")).isEqualTo(0xc1);

            send("x");
            assertThat(uart.isRaised(IrqIndex.INTX, 0)).isFalse();
            uart.unmask(IrqIndex.INTX, 0);
            uart.runTasks();
            assertThat(uart.interrupts()).containsExactly(INTX);
            send("y");
            assertThat(uart.isRaised(IrqIndex.INTX, 0)).as("written to THR").isFalse();
        }

        @Test
        void readingAnotherCauseOffIirKeepsThisOne() {
            setUp(0);
            uart.write("IER", 0x03);
            cable.send("r");
            uart.runTasks();
            assertThat(uart.read("IIR_FCR")).isEqualTo(0xc4);
            assertThat(receiveAll()).isEqualTo("r");
            assertThat(uart.read("IIR_FCR")).isEqualTo(0xc2);
        }

        @Test
        void wordsHaveTheLengthThatIsSet() {
            uart.write("LCR", 0x02);
            send("\u00e1");
            uart.runTasks();
            assertThat(cable.received).hasToString("a");
        }

        @Test
        void clearingTheFifoDropsWhatHasNotLeft() {
            setUp(0);
            cable.slow = true;
            send("a");
            uart.runTasks();
            send("bcd");
            uart.write("IIR_FCR", 0x05);
            cable.take();
            uart.runTasks();
            assertThat(cable.received).hasToString("a");
        }
    }

    @Nested
    class Receiving {
        @ParameterizedTest
        @CsvSource({"0, 1", "1, 4", "2, 8", "3, 14"})
        void interruptsAtTheTriggerLevel(int code, int level) {
            setUp(code);
            uart.write("IER", 0x01);
            cable.send("x".repeat(level - 1));
            uart.runTasks();
            assertThat(uart.interrupts()).isEmpty();
            cable.send("x");
            uart.runTasks();
            assertThat(uart.interrupts()).containsExactly(INTX);
            assertThat(uart.read("IIR_FCR")).isEqualTo(0xc4);
            uart.read("RBR_THR");
            assertThat(uart.isRaised(IrqIndex.INTX, 0)).isFalse();
        }

        @Test
        void bytesBelowTheTriggerTimeOut() {
            setUp(2);
            uart.write("IER", 0x01);
            cable.send("abc");
            uart.runTasks();
            uart.advance(TIMEOUT.dividedBy(4));
            assertThat(uart.interrupts()).as("half of four characters").isEmpty();
            uart.advance(TIMEOUT);
            assertThat(uart.interrupts()).containsExactly(INTX);
            assertThat(uart.read("IIR_FCR")).isEqualTo(0xcc);
            assertThat(uart.read("RBR_THR")).isEqualTo('a');
            assertThat(uart.isRaised(IrqIndex.INTX, 0)).as("until a byte is read").isFalse();
            uart.unmask(IrqIndex.INTX, 0);
            uart.runTasks();
            uart.advance(TIMEOUT);
            assertThat(uart.interrupts()).as("for the rest").containsExactly(INTX);
            assertThat(receiveAll()).isEqualTo("bc");
            uart.advance(TIMEOUT);
            assertThat(uart.isRaised(IrqIndex.INTX, 0)).isFalse();
        }

        @Test
        void slowLinesTimeOutLater() {
            setUp(3);
            uart.write("LCR", 0x83);
            uart.write(0, 0, 2, 384); // 300 baud
            uart.write("LCR", 0x03);
            uart.write("IER", 0x01);
            cable.send("a");
            uart.runTasks();
            uart.advance(Duration.ofMillis(130));
            assertThat(uart.interrupts()).isEmpty();
            uart.advance(Duration.ofMillis(4));
            assertThat(uart.interrupts()).containsExactly(INTX);
        }

        @Test
        void bytesWaitForRoom() {
            setUp(0);
            var taken = cable.send("0123456789abcdefghijklmnop").toCompletableFuture();
            uart.runTasks();
            assertThat(taken).isNotDone();
            assertThatIllegalStateException().isThrownBy(() -> cable.send("more"));
            assertThat(receiveAll()).isEqualTo("0123456789abcdefghijklmnop");
            assertThat(taken).isCompleted();
            assertThat(uart.read("LSR") & 0x02).as("overrun").isZero();
        }

        @Test
        void withoutFifoOneByteAtATime() {
            var taken = cable.send("ab").toCompletableFuture();
            uart.runTasks();
            assertThat(taken).isNotDone();
            assertThat(uart.read("RBR_THR")).isEqualTo('a');
            uart.runTasks();
            assertThat(uart.read("RBR_THR")).isEqualTo('b');
            assertThat(uart.read("RBR_THR")).as("nothing new").isEqualTo('b');
            assertThat(taken).isCompleted();
        }

        @Test
        void breakIsAByteWithAStatus() {
            setUp(0);
            uart.write("IER", 0x05);
            cable.send("a");
            uart.runTasks();
            cable.port().receiveBreak();
            uart.runTasks();
            assertThat(uart.read("LSR")).as("behind the a").isEqualTo(0xe1);
            uart.read("RBR_THR");
            assertThat(uart.read("IIR_FCR")).isEqualTo(0xc6);
            assertThat(uart.read("LSR")).isEqualTo(0xf1);
            assertThat(uart.read("LSR")).as("read once").isEqualTo(0x61);
            assertThat(uart.read("RBR_THR")).isZero();
            assertThat(uart.isRaised(IrqIndex.INTX, 0)).isFalse();
        }

        @Test
        void bytesBeforeTheGuestComesWait() {
            uart.detach();
            cable.send("early");
            uart.attach();
            uart.runTasks();
            setUp(0);
            uart.runTasks();
            assertThat(receiveAll()).as("one was in the holding register").isEqualTo("arly");
        }

        @Test
        void isRefusedOnceTheDeviceIsClosed() {
            var waiting = cable.send("x".repeat(20)).toCompletableFuture();
            uart.close();
            assertThat(waiting).isCompletedExceptionally();
            assertThat(cable.send("y").toCompletableFuture()).isCompletedExceptionally();
            uart.attach();
        }
    }

    @Nested
    class ModemLines {
        @Test
        void followTheOtherEnd() {
            uart.write("IER", 0x08);
            assertThat(uart.read("MSR")).isZero();
            cable.port().carrier(true);
            uart.runTasks();
            assertThat(uart.interrupts()).containsExactly(INTX);
            assertThat(uart.read("IIR_FCR")).isZero();
            assertThat(uart.read("MSR")).isEqualTo(0xbb);
            assertThat(uart.read("MSR")).as("deltas are read once").isEqualTo(0xb0);
            assertThat(uart.isRaised(IrqIndex.INTX, 0)).isFalse();
            cable.port().carrier(false);
            uart.runTasks();
            assertThat(uart.read("MSR")).isEqualTo(0x0b);
        }

        @Test
        void areToldToTheOtherEnd() {
            uart.write("MCR", 0x03);
            uart.write("MCR", 0x0b);
            uart.write("LCR", 0x40);
            uart.write("LCR", 0x00);
            uart.reset(ResetReason.DEVICE_RESET);
            assertThat(cable.signals).containsExactly("DTR RTS", "break", "no break", "dtr rts");
        }
    }

    @Nested
    class Loopback {
        @ParameterizedTest
        @CsvSource({
            "0x10, 0x00",
            "0x11, 0x20",
            "0x12, 0x10",
            "0x14, 0x40",
            "0x18, 0x80",
            "0x1a, 0x90"
        })
        void wiresTheModemLinesAcross(String mcr, String msr) {
            uart.write("MCR", Long.decode(mcr));
            assertThat(uart.read("MSR") & 0xf0).isEqualTo(Long.decode(msr));
        }

        @Test
        void seesTheTrailingEdgeOfRing() {
            uart.write("MCR", 0x14);
            assertThat(uart.read("MSR")).isEqualTo(0x40);
            uart.write("MCR", 0x10);
            assertThat(uart.read("MSR")).isEqualTo(0x04);
        }

        @Test
        void receivesWhatItSendsAndNothingElse() {
            setUp(0);
            uart.write("MCR", 0x10);
            var outside = cable.send("outside").toCompletableFuture();
            send("inside");
            uart.runTasks();
            assertThat(receiveAll()).isEqualTo("inside");
            assertThat(cable.received).isEmpty();
            assertThat(outside).isNotDone();
            uart.write("MCR", 0x00);
            uart.runTasks();
            assertThat(receiveAll()).isEqualTo("outside");
        }

        @Test
        void overrunsWhenNobodyReads() {
            setUp(0);
            uart.write("IER", 0x04);
            uart.write("MCR", 0x10);
            send("0123456789abcdef");
            assertThat(uart.interrupts()).isEmpty();
            send("X");
            assertThat(uart.interrupts()).containsExactly(INTX);
            assertThat(uart.read("IIR_FCR")).isEqualTo(0xc6);
            assertThat(uart.read("LSR")).isEqualTo(0x63);
            assertThat(receiveAll())
                    .as("with FIFOs the new one is lost")
                    .isEqualTo("0123456789abcdef");
        }

        @Test
        void overrunsTheHoldingRegister() {
            uart.write("MCR", 0x10);
            send("ab");
            assertThat(uart.read("LSR")).isEqualTo(0x63);
            assertThat(uart.read("RBR_THR")).as("without FIFO the old one").isEqualTo('b');
        }

        @Test
        void aBreakComesBack() {
            uart.write("MCR", 0x10);
            uart.write("LCR", 0x43);
            assertThat(uart.read("LSR")).isEqualTo(0x71);
            assertThat(cable.signals).isEmpty();
        }
    }

    @Nested
    class Quiet {
        @Test
        void nothingMovesWhileTheDeviceIsStopped() {
            setUp(1);
            uart.write("IER", 0x03);
            uart.read("IIR_FCR");
            uart.interrupts();
            send("out");
            cable.send("in");
            byte[] state = uart.saveState();
            assertThat(state).hasSize(64);
            assertThat(state[12]).as("bytes to send").isEqualTo((byte) 3);
            uart.runTasks();
            assertThat(cable.received).as("once it is started again").hasToString("out");
        }

        @Test
        void anotherGoesOnWhereThisOneWas() {
            setUp(3);
            uart.write("IER", 0x0f);
            uart.write("SCR", 0x77);
            uart.write("MCR", 0x0b);
            cable.send("abc");
            cable.port().carrier(true);
            uart.runTasks();
            send("to send");
            byte[] state = uart.saveState();

            var there = new CableEnd();
            try (var other = DeviceTester.attach(new SerialDevice(there))) {
                other.arm(IrqIndex.INTX);
                other.loadState(state);
                assertThat(other.interrupts()).containsExactly(INTX);
                assertThat(there.signals).containsExactly("DTR RTS");
                assertThat(other.read("SCR")).isEqualTo(0x77);
                assertThat(other.read("MSR")).as("nobody is there").isEqualTo(0x0b);
                assertThat(other.read("RBR_THR")).isEqualTo('a');
                other.runTasks();
                assertThat(there.received).hasToString("to send");
            }
        }

        @ParameterizedTest
        @ValueSource(ints = {2, 3, 5, 7, 10, 11, 12, 13, 32, 47})
        void refusesAStateThatNoUartCanBeIn(int offset) {
            byte[] state = uart.saveState();
            state[offset] = (byte) 0xe2;
            assertThatExceptionOfType(DeviceException.class)
                    .isThrownBy(() -> uart.loadState(state))
                    .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.EINVAL));
            assertThat(uart.read("LSR")).isEqualTo(0x60);
        }
    }

    @Test
    void rtsHoldsBytesBack() {
        var end = new CableEnd();
        try (var other = DeviceTester.attach(new SerialDevice(end, FlowControl.RTS))) {
            other.write("LCR", 0x03);
            var taken = end.send("a").toCompletableFuture();
            other.runTasks();
            assertThat(taken).isNotDone();
            other.write("MCR", 0x02);
            other.runTasks();
            assertThat(taken).isCompleted();
            assertThat(other.read("RBR_THR")).isEqualTo('a');
        }
    }

    @Test
    void resetDropsBytesAndInterrupts() {
        setUp(0);
        uart.write("IER", 0x0f);
        cable.send("x");
        uart.runTasks();
        uart.reset(ResetReason.DEVICE_RESET);
        assertThat(uart.isRaised(IrqIndex.INTX, 0)).isFalse();
        assertThat(uart.read("LSR")).isEqualTo(0x60);
        assertThat(uart.read("IIR_FCR")).isEqualTo(0x01);
        assertThat(uart.read("IER")).isZero();
    }
}
