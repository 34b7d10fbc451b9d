package io.vfiouser.testkit.vmm;

import io.vfiouser.client.RemoteMigration;
import io.vfiouser.client.VfioUserClient;
import io.vfiouser.protocol.Feature;
import io.vfiouser.protocol.MigrationState;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/// Moves the device to another server, as a VMM does.
final class VmmMigration {
    private static final int PIECE = 64 << 10;
    private static final int CONTROL = 2;

    /// Written last, when everything else is there.
    private static final int COMMAND = PciConfig.COMMAND;

    private final Link link;
    private final PciFunction function;
    private final GuestRam ram;

    VmmMigration(Link link, PciFunction function, GuestRam ram) {
        this.link = link;
        this.function = function;
        this.ram = ram;
    }

    Duration moveTo(Path socket) {
        var target = VfioUserClient.connect(socket);
        boolean moved = false;
        try {
            ram.share(target);
            VfioUserClient source = link.client();
            var state = new ByteArrayOutputStream();
            if ((source.migration().support().flags() & Feature.Migration.PRE_COPY) != 0) {
                source.migration().changeState(MigrationState.PRE_COPY);
                read(source.migration(), state);
            }
            link.pause();
            long start = System.nanoTime();
            try {
                source.migration().changeState(MigrationState.STOP_COPY);
                read(source.migration(), state);
                load(source, target, state.toByteArray());
                link.replace(target);
                moved = true;
                return Duration.ofNanos(System.nanoTime() - start);
            } finally {
                if (!moved) {
                    source.migration().changeState(MigrationState.RUNNING);
                }
                link.resume();
            }
        } finally {
            if (!moved) {
                target.close();
            }
        }
    }

    private void load(VfioUserClient source, VfioUserClient target, byte[] state) {
        target.migration().changeState(MigrationState.RESUMING);
        int piece = Math.min(PIECE, target.serverCapabilities().maxDataXferSize());
        for (int at = 0; at < state.length; at += piece) {
            int end = Math.min(state.length, at + piece);
            target.migration().writeData(Arrays.copyOfRange(state, at, end));
        }
        target.migration().changeState(MigrationState.STOP);
        restoreConfig(source, target);
        function.armAll(target);
        source.migration().changeState(MigrationState.STOP);
        target.migration().changeState(MigrationState.RUNNING);
    }

    /// What software has set in config space: addresses, interrupts, and the command register.
    private void restoreConfig(VfioUserClient source, VfioUserClient target) {
        for (int bar = PciConfig.BAR0; bar < PciConfig.BAR0 + 6 * Integer.BYTES; bar += 4) {
            copy(source, target, bar, Integer.BYTES);
        }
        copy(source, target, PciConfig.INTERRUPT_LINE, 1);
        for (int id : List.of(PciConfig.MSI, PciConfig.MSIX)) {
            var at = new PciConfig(new Link(source)).capability(id);
            if (at.isPresent()) {
                copy(source, target, at.getAsInt() + CONTROL, Short.BYTES);
            }
        }
        copy(source, target, COMMAND, Short.BYTES);
    }

    private static void copy(VfioUserClient from, VfioUserClient to, int offset, int width) {
        to.write(PciConfig.REGION, offset, width, from.read(PciConfig.REGION, offset, width));
    }

    private static void read(RemoteMigration migration, ByteArrayOutputStream into) {
        byte[] piece;
        do {
            piece = migration.readData(PIECE);
            into.writeBytes(piece);
        } while (piece.length == PIECE);
    }
}
