package io.vfiouser.testkit.hammer;

import io.vfiouser.client.RemoteErrorException;
import io.vfiouser.client.RemoteIrq;
import io.vfiouser.os.FdBundle;
import io.vfiouser.protocol.DeviceSetIrqs;
import io.vfiouser.protocol.IrqAction;
import io.vfiouser.protocol.IrqData;
import io.vfiouser.protocol.MigrationState;
import java.util.List;
import java.util.Random;

/// Interrupts, migration, resets, and clients that come and go.
final class DeviceBlows {
    private static final int STATE_PIECE = 64 << 10;
    private static final int MOST_PIECES = 64;
    private static final int PAGE = 4096;

    private static final List<IrqAction> ACTIONS = List.of(IrqAction.values());
    private static final List<MigrationState> STATES = List.of(MigrationState.values());

    private DeviceBlows() {}

    private static <T> T any(List<T> all, Random random) {
        return all.get(random.nextInt(all.size()));
    }

    static List<Blow.Weighted> all() {
        return List.of(
                new Blow.Weighted("arm", 6, DeviceBlows::arm),
                new Blow.Weighted("fire", 6, DeviceBlows::fire),
                new Blow.Weighted("set irqs", 6, DeviceBlows::setIrqs),
                new Blow.Weighted("migrate", 2, DeviceBlows::migrate),
                new Blow.Weighted("dirty log", 2, DeviceBlows::dirtyLog),
                new Blow.Weighted("reset", 2, DeviceBlows::reset),
                new Blow.Weighted("reconnect", 1, DeviceBlows::reconnect));
    }

    private static void arm(Anvil anvil, Random random, Tally tally) {
        RemoteIrq irq = irq(anvil, random, tally);
        irq.arm();
        if (random.nextBoolean()) {
            irq.disarm();
        }
    }

    private static void fire(Anvil anvil, Random random, Tally tally) {
        irq(anvil, random, tally).trigger();
    }

    private static RemoteIrq irq(Anvil anvil, Random random, Tally tally) {
        int index = anvil.anyIrq(random);
        int vector = random.nextInt(Math.max(1, anvil.vectors(index)));
        tally.detail("%d.%d".formatted(index, vector));
        return anvil.client().irq(index, vector);
    }

    private static void setIrqs(Anvil anvil, Random random, Tally tally) {
        int index = anvil.anyIrq(random);
        int count = random.nextInt(anvil.vectors(index) + 2);
        int start = random.nextInt(4) == 0 ? random.nextInt(8) : 0;
        IrqAction action = any(ACTIONS, random);
        tally.detail("%s %d.%d, %d vectors".formatted(action, index, start, count));
        anvil.client()
                .setIrqs(
                        new DeviceSetIrqs(index, start, count, action, new IrqData.None()),
                        FdBundle.empty());
    }

    private static void migrate(Anvil anvil, Random random, Tally tally) {
        var migration = anvil.client().migration();
        MigrationState state = any(STATES, random);
        tally.detail(state.name());
        try {
            migration.changeState(state);
            for (int left = MOST_PIECES; state.isSaving() && left > 0; left--) {
                if (migration.readData(STATE_PIECE).length < STATE_PIECE) {
                    break;
                }
            }
            if (state == MigrationState.RESUMING) {
                byte[] noState = new byte[random.nextInt(256)];
                random.nextBytes(noState);
                migration.writeData(noState);
            }
        } finally {
            backToRunning(anvil);
        }
    }

    private static void backToRunning(Anvil anvil) {
        try {
            anvil.client().migration().changeState(MigrationState.RUNNING);
        } catch (RemoteErrorException _) {
            reset(anvil);
        }
    }

    private static void dirtyLog(Anvil anvil, Random random, Tally tally) {
        var migration = anvil.client().migration();
        int shift = random.nextInt(4);
        tally.detail("pages of " + (PAGE << shift));
        migration.startLogging(PAGE << shift);
        try {
            migration.dirtyPages(0, Anvil.MEMORY, PAGE << shift);
        } finally {
            migration.stopLogging();
        }
    }

    private static void reset(Anvil anvil, Random random, Tally tally) {
        reset(anvil);
    }

    private static void reset(Anvil anvil) {
        if (anvil.isResettable()) {
            anvil.client().reset();
        }
    }

    private static void reconnect(Anvil anvil, Random random, Tally tally) {
        anvil.reconnect();
    }
}
