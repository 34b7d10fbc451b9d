package io.vfiouser.it.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.client.VfioUserClient;
import io.vfiouser.devices.gpio.GpioDevice;
import io.vfiouser.filters.TraceRecorder;
import io.vfiouser.testkit.junit.VfioUserServerExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What a driver of the GPIO device does, told by register name.
class GpioDriverTest {
    private static final int BAR = 2;
    private static final int INTX = 0;

    @RegisterExtension
    static final VfioUserServerExtension SERVER =
            VfioUserServerExtension.serving("gpio0", GpioDevice::new);

    @Test
    void anInterruptIsHandled(VfioUserClient client, TraceRecorder trace) {
        var irq = client.irq(INTX, 0);
        irq.arm();
        client.read(BAR, 0x2, 1);
        client.write(BAR, 0x0, 1, 1);
        assertThat(irq.take()).isEqualTo(1);
        assertThat(client.read(BAR, 0x6, 1)).isEqualTo(0b101);
        client.write(BAR, 0x1, 1, 0);
        assertThat(trace.events())
                .extracting(Object::toString)
                .containsSubsequence(
                        "read BAR2.IRQ_CTL = 0xff",
                        "irq INTX.0 raise",
                        "write BAR2.OUT0_7 = 0x01",
                        "read BAR2.IRQ_STATUS = 0x05",
                        "irq INTX.0 lower",
                        "write BAR2.IN0_7 = 0x00");
    }
}
