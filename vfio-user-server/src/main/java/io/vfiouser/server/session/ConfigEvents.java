package io.vfiouser.server.session;

import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.server.irq.IrqTable;
import io.vfiouser.server.pci.ConfigSpaceListener;
import io.vfiouser.server.pci.PowerState;
import java.util.function.Consumer;

/// Carries what a client does in config space to interrupts and resets.
final class ConfigEvents implements ConfigSpaceListener {
    private final Consumer<Consumer<IrqTable>> irqs;
    private boolean resetRequested;

    /// @param irqs calls its argument with the interrupts of the client that is there, if one is
    ConfigEvents(Consumer<Consumer<IrqTable>> irqs) {
        this.irqs = irqs;
    }

    /// Whether a reset was asked for since the last call.
    boolean takeResetRequest() {
        boolean requested = resetRequested;
        resetRequested = false;
        return requested;
    }

    @Override
    public void commandChanged(int old, int now) {
        irqs.accept(table -> table.unmasked(IrqIndex.INTX));
    }

    @Override
    public void messageInterruptsChanged() {
        irqs.accept(table -> {
            table.unmasked(IrqIndex.MSI);
            table.unmasked(IrqIndex.MSIX);
        });
    }

    @Override
    public void msiMasksChanged() {
        irqs.accept(table -> table.unmasked(IrqIndex.MSI));
    }

    @Override
    public void msixFunctionMaskChanged() {
        irqs.accept(table -> table.unmasked(IrqIndex.MSIX));
    }

    @Override
    public void powerStateChanged(PowerState from, PowerState to) {
        // Devices work in D3hot as in D0: nothing of theirs draws power.
    }

    @Override
    public void softReset() {
        resetRequested = true;
    }

    @Override
    public void functionLevelReset() {
        resetRequested = true;
    }
}
