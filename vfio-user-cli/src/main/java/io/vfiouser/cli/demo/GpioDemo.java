package io.vfiouser.cli.demo;

import io.vfiouser.client.VfioUserClient;

/// Drives outputs, reads the inputs they are wired to, and takes the interrupt of a change.
final class GpioDemo implements DeviceDemo {
    private static final int BAR = 2;
    private static final int OUT_0_7 = 0x0;
    private static final int IN_0_7 = 0x1;
    private static final int IRQ_CONTROL = 0x2;
    private static final int OUT_8_15 = 0x4;
    private static final int IRQ_STATUS = 0x6;
    private static final int PATTERN = 0xa5;

    /// Inputs 8 to 15 have changed, and the interrupt is pending.
    private static final int HIGH_CHANGED = 0x6;

    @Override
    public String type() {
        return "gpio";
    }

    @Override
    public void run(VfioUserClient client, DemoLog log) {
        var driver = new Driver(client, log);
        driver.enable(0x494f, 0x0dc8);

        client.write(BAR, OUT_0_7, 1, PATTERN);
        log.expect("inputs 0-7", PATTERN, client.read(BAR, IN_0_7, 1));
        log.step("register", "outputs 0-7 driven to 0xa5, the inputs wired to them read 0xa5");

        client.read(BAR, IRQ_CONTROL, 1);
        String took = driver.interrupt(Driver.INTX, 0, () -> client.write(BAR, OUT_8_15, 1, 0x01));
        log.expect("interrupt status", HIGH_CHANGED, client.read(BAR, IRQ_STATUS, 1));
        client.write(BAR, IN_0_7, 1, 0);
        log.expect("interrupt status once cleared", 0, client.read(BAR, IRQ_STATUS, 1));
        log.step("interrupt", "INTx for a change on input 8, after " + took);
    }
}
