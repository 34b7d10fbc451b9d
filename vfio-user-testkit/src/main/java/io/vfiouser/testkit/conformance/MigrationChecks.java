package io.vfiouser.testkit.conformance;

import static io.vfiouser.protocol.MigrationState.PRE_COPY;
import static io.vfiouser.protocol.MigrationState.RESUMING;
import static io.vfiouser.protocol.MigrationState.RUNNING;
import static io.vfiouser.protocol.MigrationState.STOP;
import static io.vfiouser.protocol.MigrationState.STOP_COPY;

import io.vfiouser.os.Errno;
import io.vfiouser.protocol.MigrationState;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

/// Migration states and streams, for devices that can migrate.
final class MigrationChecks {
    private static final List<MigrationState> REACHABLE =
            List.of(STOP, RUNNING, STOP_COPY, RESUMING, PRE_COPY);
    private static final int TINY = 7;

    private MigrationChecks() {}

    static List<ConformanceCheck> checks() {
        var group = new CheckGroup("migration", "VFIO_USER_DEVICE_FEATURE");
        addRefusals(group);
        addArcs(group);
        addStreams(group);
        addCommands(group);
        return group.checks();
    }

    private static void addRefusals(CheckGroup group) {
        for (long state : new long[] {0, 5, 7, 8, 0xffff_ffffL}) {
            check(
                    group,
                    "state %d".formatted(state),
                    "refused with EINVAL; the state stays",
                    (migration, _) -> {
                        migration.refuses((int) state);
                        migration.expect(RUNNING);
                    });
        }
        check(
                group,
                "argsz too small for the reply",
                "refused with EINVAL",
                (_, peer) -> {
                    int get = Migration.GET;
                    peer.refuses(Commands.feature(get | Migration.STATE, 15), Errno.EINVAL);
                    peer.refuses(Commands.feature(get | Migration.ABILITIES, 8), Errno.EINVAL);
                    peer.refuses(Migration.setState(1).set32(0, 15), Errno.EINVAL);
                });
        check(
                group,
                "a read of state while nothing is being saved",
                "refused with EINVAL",
                (migration, peer) -> {
                    peer.refuses(Commands.migDataRead(72, 64), Errno.EINVAL);
                    migration.enter(STOP);
                    peer.refuses(Commands.migDataRead(72, 64), Errno.EINVAL);
                });
        check(
                group,
                "a write of state while nothing is being loaded",
                "refused with EINVAL",
                (migration, peer) -> {
                    RawCommand write = Commands.migDataWrite(12, 4, new byte[4]);
                    peer.refuses(write, Errno.EINVAL);
                    migration.enter(STOP_COPY);
                    peer.refuses(write, Errno.EINVAL);
                });
        check(
                group,
                "a read of state above max_data_xfer_size or argsz",
                "refused with EINVAL",
                (migration, peer) -> {
                    migration.enter(STOP_COPY);
                    peer.refuses(Commands.migDataRead(71, 64), Errno.EINVAL);
                    peer.refuses(Commands.migDataRead(-1, 0x4000_0000), Errno.EINVAL);
                    peer.refuses(Commands.migDataRead(-1, -1), Errno.EINVAL);
                });
        check(
                group,
                "a write of state whose size differs from its data",
                "refused with EINVAL",
                (migration, peer) -> {
                    migration.enter(RESUMING);
                    peer.refuses(Commands.migDataWrite(16, 8, new byte[4]), Errno.EINVAL);
                    peer.refuses(Commands.migDataWrite(11, 4, new byte[4]), Errno.EINVAL);
                    peer.refuses(Commands.migDataWrite(-1, -1, new byte[4]), Errno.EINVAL);
                });
        check(
                group,
                "the way from STOP_COPY to PRE_COPY",
                "refused with EINVAL; the state stays",
                (migration, _) -> {
                    NotApplicableException.unless(migration.hasPreCopy(), "no PRE_COPY");
                    migration.enter(STOP_COPY);
                    migration.refuses(PRE_COPY.number());
                    migration.expect(STOP_COPY);
                });
    }

    private static void addArcs(CheckGroup group) {
        check(
                group,
                "what the device can do",
                "at least STOP_COPY, in 8 bytes",
                (migration, peer) -> {
                    Difference.checkHex("STOP_COPY", 1, migration.abilities() & 1);
                    int get = Migration.GET | Migration.ABILITIES;
                    peer.succeeds(Commands.feature(get, 4096)).checkLength(16);
                });
        check(
                group,
                "a probe",
                "answered with the request",
                (_, peer) -> {
                    int flags = Migration.PROBE | Migration.GET | Migration.SET | Migration.STATE;
                    Answer reply = peer.succeeds(Commands.feature(flags, 8));
                    reply.checkLength(8);
                    Difference.checkHex("flags", flags, reply.u32(4));
                });
        check(
                group,
                "a new client",
                "finds the state RUNNING",
                (migration, _) -> migration.expect(RUNNING));
        for (MigrationState from : List.of(STOP, RUNNING, STOP_COPY, PRE_COPY)) {
            for (MigrationState to : REACHABLE) {
                if (from != STOP_COPY || to != PRE_COPY) {
                    check(
                            group,
                            from + " to " + to,
                            "done",
                            (migration, _) -> {
                                boolean preCopy = from == PRE_COPY || to == PRE_COPY;
                                NotApplicableException.unless(
                                        !preCopy || migration.hasPreCopy(), "no PRE_COPY");
                                migration.enter(from, to);
                            });
                }
            }
        }
    }

    private static void addStreams(CheckGroup group) {
        check(
                group,
                "the state saved twice",
                "the same bytes, for a device that does nothing in between",
                (migration, _) -> {
                    migration.enter(STOP_COPY);
                    byte[] first = migration.save();
                    migration.enter(STOP, STOP_COPY);
                    byte[] second = migration.save();
                    Difference.check(
                            Arrays.equals(first, second),
                            "the same " + first.length + " bytes",
                            second.length + " other bytes");
                });
        check(
                group,
                "a read behind the end of the stream",
                "gives nothing, again and again",
                (migration, peer) -> {
                    migration.enter(STOP_COPY);
                    migration.save();
                    Difference.check(
                            "size", 0L, peer.succeeds(Commands.migDataRead(72, 64)).u32(4));
                });
        check(
                group,
                "a state saved and loaded in pieces of " + TINY + " bytes",
                "taken; saved again it has the same bytes",
                (migration, _) -> {
                    migration.enter(STOP_COPY);
                    byte[] stream = migration.save();
                    migration.enter(STOP, RESUMING);
                    migration.load(stream, TINY);
                    migration.enter(STOP, STOP_COPY);
                    Difference.check(
                            Arrays.equals(stream, migration.save()),
                            "the state that was loaded",
                            "another");
                });
        check(
                group,
                "PRE_COPY, then STOP_COPY",
                "one stream that goes on, then the device runs again",
                (migration, _) -> {
                    NotApplicableException.unless(migration.hasPreCopy(), "no PRE_COPY");
                    migration.enter(PRE_COPY);
                    migration.save();
                    migration.enter(STOP_COPY);
                    migration.save();
                    migration.enter(RUNNING);
                });
    }

    private static void addCommands(CheckGroup group) {
        check(
                group,
                "a register in STOP",
                "can be read and written",
                (migration, peer) -> {
                    migration.enter(STOP);
                    peer.succeeds(Commands.regionRead(Bits.CONFIG, 0, 64));
                    peer.succeeds(Commands.regionWrite(Bits.CONFIG, Bits.INTERRUPT_LINE, (byte) 1));
                });
        check(
                group,
                "a write in STOP_COPY",
                "refused with EINVAL: it would be lost",
                (migration, peer) -> {
                    migration.enter(STOP_COPY);
                    peer.refuses(
                            Commands.regionWrite(Bits.CONFIG, Bits.INTERRUPT_LINE, (byte) 1),
                            Errno.EINVAL);
                });
        allowedWhileStopped(group, "DEVICE_GET_INFO", _ -> Commands.getInfo());
        allowedWhileStopped(group, "DMA_UNMAP", _ -> Commands.dmaUnmap(Bits.UNMAP_ALL, 0, 0));
        allowedWhileStopped(
                group,
                "DEVICE_SET_IRQS",
                peer -> Vectors.most(peer, 1).command(Bits.TRIGGER_NONE, 0, 0));
        group.check(
                        "DEVICE_RESET in STOP",
                        "done; the device runs",
                        peer -> {
                            Migration migration = Migration.of(peer);
                            NotApplicableException.unless(
                                    peer.target().canReset(), "the device has no reset");
                            migration.enter(STOP);
                            peer.succeeds(Commands.reset());
                            migration.expect(RUNNING);
                        })
                .reference(
                        "EINVAL",
                        peer -> {
                            Migration.of(peer).enter(STOP);
                            peer.refuses(Commands.reset(), Errno.EINVAL);
                        });
    }

    private static void allowedWhileStopped(
            CheckGroup group, String name, Function<Peer, RawCommand> command) {
        for (MigrationState state : List.of(STOP, STOP_COPY)) {
            group.check(
                            name + " in " + state,
                            "done",
                            restoring((migration, peer) -> {
                                migration.enter(state);
                                peer.succeeds(command.apply(peer));
                            }))
                    .reference(
                            "EINVAL",
                            restoring((migration, peer) -> {
                                migration.enter(state);
                                peer.refusal(command.apply(peer), Errno.EINVAL);
                            }));
        }
    }

    private static void check(CheckGroup group, String name, String specification, Body body) {
        group.check(name, specification, restoring(body));
    }

    /// Lets the device run again in the end, for servers where the state outlives the client.
    private static Consumer<Peer> restoring(Body body) {
        return peer -> {
            Migration migration = Migration.of(peer);
            try {
                body.run(migration, peer);
            } finally {
                peer.abandon(Migration.setState(RUNNING.number()));
            }
        };
    }

    private interface Body {
        void run(Migration migration, Peer peer);
    }
}
