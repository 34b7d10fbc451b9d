package io.vfiouser.it.vmm;

import io.vfiouser.testkit.vmm.FakeVmm;
import io.vfiouser.testkit.vmm.GuestInterrupt;
import io.vfiouser.testkit.vmm.PciBar;
import io.vfiouser.testkit.vmm.PciFunction;
import java.time.Duration;

/// Drives the first eight outputs and inputs of an ACCES PCI-IDIO-16, which interrupts when an
/// input changes.
final class GpioDriver implements AutoCloseable {
    private static final int ID = 0x494f_0dc8;
    private static final int REGISTERS = 2;
    private static final int OUTPUTS = 0x0;
    private static final int INPUTS = 0x1;
    private static final int INTERRUPT_CONTROL = 0x2;

    private final PciFunction function;
    private final PciBar registers;
    private final GuestInterrupt changed;

    /// Takes the card into use.
    ///
    /// @throws IllegalArgumentException if it is none
    GpioDriver(FakeVmm vmm) {
        function = vmm.function();
        if ((function.vendor() << Short.SIZE | function.device()) != ID) {
            throw new IllegalArgumentException(
                    "device: %04x:%04x (expected: 494f:0dc8)"
                            .formatted(function.vendor(), function.device()));
        }
        function.enable();
        registers = function.bar(REGISTERS);
        changed = function.enableIntx();
        registers.read8(INTERRUPT_CONTROL); // enables interrupts
    }

    void drive(int outputs) {
        registers.write8(OUTPUTS, outputs);
    }

    int inputs() {
        return registers.read8(INPUTS);
    }

    /// Waits for a change of the inputs.
    boolean awaitChange(Duration limit) {
        boolean came = changed.await(limit) > 0;
        if (came) {
            registers.write8(INPUTS, 0xff); // clears the interrupt
            changed.unmask();
        }
        return came;
    }

    @Override
    public void close() {
        function.disableInterrupts();
        function.disable();
    }
}
