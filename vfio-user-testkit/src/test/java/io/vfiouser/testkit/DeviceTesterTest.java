package io.vfiouser.testkit;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.vfiouser.device.ResetReason;
import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.device.irq.IrqLine;
import io.vfiouser.device.memory.AccessMode;
import io.vfiouser.device.memory.DmaRange;
import io.vfiouser.device.memory.GuestMemory;
import io.vfiouser.device.memory.Lease;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.device.pci.ConfigSpace;
import io.vfiouser.device.region.Doorbell;
import io.vfiouser.os.Errno;
import io.vfiouser.os.SharedMemory;
import io.vfiouser.testkit.DmaMessage.Direction;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class DeviceTesterTest {
    private final ProbeDevice device = new ProbeDevice();
    private final DeviceTester tester = DeviceTester.attach(device);

    @Nested
    class Accesses {
        @Test
        void goByOffsetAndWidth() {
            tester.write(0, 0x0, 4, 0xfedc_ba98L);

            assertThat(tester.read(0, 0x0, 4)).isEqualTo(0xfedc_ba98L);
            assertThat(tester.read(0, 0x1, 2)).isEqualTo(0xdcbaL);
            assertThat(tester.readBytes(0, 0x0, 3)).containsExactly(0x98, 0xba, 0xdc);
        }

        @Test
        void goByRegisterName() {
            tester.write("VALUE", 0x1234);

            assertThat(tester.read("VALUE")).isEqualTo(0x1234);
            assertThat(tester.read("BAR0.VALUE")).isEqualTo(0x1234);
            assertThat(tester.read("BAR4.VALUE")).isEqualTo(0x77);
        }

        @Test
        void ringDoorbellsAsAClientWithIoeventfdsDoes() {
            List<Long> rung = new ArrayList<>();
            try (var memory = SharedMemory.create("shadow", 0x1000)) {
                var tail = Doorbell.at(0x100, 4).shadowedBy(memory, 0);
                var installed = device.context.installDoorbell(0, tail, rung::add);
                device.context.installDoorbell(0, Doorbell.at(0x104, 4).matching(3), rung::add);

                assertThat(tester.ring(0, 0x100, 4, 0x1234)).isTrue();
                assertThat(tester.ring(0, 0x100, 2, 0x1234)).isFalse();
                assertThat(tester.ring(0, 0x104, 4, 2)).isFalse();
                assertThat(tester.ring(0, 0x104, 4, 3)).isTrue();
                assertThat(rung).containsExactly(0x1234L, 3L);

                assertThatIllegalArgumentException()
                        .isThrownBy(() -> device.context.installDoorbell(0, tail, rung::add));
                installed.remove();
                assertThat(tester.ring(0, 0x100, 4, 5)).isFalse();
            }
        }

        @Test
        void nameTheRegistersThatThereAre() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> tester.read("NONE"))
                    .withMessageContaining("register: NONE (expected: one of [")
                    .withMessageContaining("BAR4.VALUE");
        }

        @Test
        void areCheckedAsTheServerDoes() {
            assertRefused(Errno.EINVAL, () -> tester.read(0, 0xffd, 4));
            assertRefused(Errno.EINVAL, () -> tester.readBytes(0, 0, 0));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> tester.read(1, 0, 4))
                    .withMessage("BAR1 (expected: one of [0, 4])");
        }

        @Test
        void waitForTasksOfTheDevice() {
            var done = new CompletableFuture<Boolean>();
            device.command =
                    () -> {
                        device.context.execute(() -> done.complete(true));
                        return Completion.after(done);
                    };

            tester.write("COMMAND", 1);

            assertThat(done).isCompleted();
        }

        @Test
        void waitForOtherThreads() {
            device.command = () -> Completion.after(CompletableFuture.supplyAsync(() -> 1));

            tester.write("COMMAND", 1);

            assertThat(tester.read("VALUE")).isZero();
        }

        @Test
        void throwWhatTheClientWouldBeTold() {
            device.command =
                    () ->
                            Completion.after(
                                    CompletableFuture.runAsync(
                                                    () -> {
                                                        throw new DeviceException(
                                                                Errno.ENOSPC, "full");
                                                    })
                                            .thenRun(() -> {}));

            assertRefused(Errno.ENOSPC, () -> tester.write("COMMAND", 1));
        }

        @Test
        void canBeLeftPending() {
            var done = new CompletableFuture<Boolean>();
            device.command = () -> Completion.after(done);

            var reply = tester.beginWriteBytes(0, 0x4, new byte[4]);
            assertThat(reply).isNotDone();
            done.completeExceptionally(new DeviceException(Errno.EIO, "broken"));

            assertThat(reply)
                    .failsWithin(Duration.ZERO)
                    .withThrowableThat()
                    .withCauseInstanceOf(DeviceException.class);
        }

        @Test
        void needAClient() {
            tester.detach();

            assertThatIllegalStateException()
                    .isThrownBy(() -> tester.read("VALUE"))
                    .withMessage("device: detached (expected: attach() first)");
        }
    }

    @Nested
    class Life {
        @Test
        void endsInTheOrderOfTheContract() {
            tester.map(0x1000, 0x1000);
            tester.close();

            assertThat(device.calls)
                    .containsExactly(
                            "attach",
                            "mapped 0x1000+0x1000 rw mapped",
                            "quiesce",
                            "unmapped 0x1000+0x1000 rw mapped",
                            "reset CLIENT_GONE",
                            "detach",
                            "close");
        }

        @Test
        void goesOnWithTheNextClient() {
            tester.arm(IrqIndex.INTX);
            tester.map(0x1000, 0x1000);
            tester.detach();
            tester.attach();

            assertThat(device.context.irq(IrqIndex.INTX, 0).isArmed()).isFalse();
            assertThat(device.context.memory().ranges()).isEmpty();
            assertThatIllegalStateException().isThrownBy(tester::attach);
        }

        @Test
        void waitsForQuietBeforeAReset() {
            var quiet = new CompletableFuture<Boolean>();
            device.quiet = () -> Completion.after(quiet);
            device.context.execute(() -> {
                device.calls.add("quiet");
                quiet.complete(true);
            });

            tester.reset(ResetReason.FUNCTION_LEVEL_RESET);

            assertThat(device.calls)
                    .containsExactly(
                            "attach", "quiesce", "quiet", "reset FUNCTION_LEVEL_RESET", "resume");
        }

        @Test
        void dropsTasksOfAClientThatHasGone() {
            device.context.execute(() -> device.calls.add("late"));
            device.context.schedule(Duration.ZERO, () -> device.calls.add("late"));
            tester.detach();
            tester.advance(Duration.ofSeconds(1));

            assertThat(device.calls).doesNotContain("late");
        }
    }

    @Nested
    class Interrupts {
        @Test
        void areRecordedInOrder() {
            tester.arm(IrqIndex.MSIX);
            tester.arm(IrqIndex.INTX);

            device.context.irq(IrqIndex.MSIX, 3).trigger();
            device.context.irq(IrqIndex.INTX, 0).trigger();
            device.context.irq(IrqIndex.MSIX, 0).trigger();

            assertThat(tester.interrupts()).hasToString("[MSIX 3, INTX 0, MSIX 0]");
            assertThat(tester.interrupts()).isEmpty();
        }

        @Test
        void reachNobodyUnlessArmed() {
            assertThat(device.context.irq(IrqIndex.MSIX, 3).trigger()).isFalse();
            tester.arm(IrqIndex.MSIX, 3);
            assertThat(device.context.irq(IrqIndex.MSIX, 3).trigger()).isTrue();
            tester.disarm(IrqIndex.MSIX);
            assertThat(device.context.irq(IrqIndex.MSIX, 3).trigger()).isFalse();

            assertThat(tester.interrupts()).hasSize(1);
        }

        @Test
        void preferMsixThenMsiThenIntx() {
            IrqLine line = device.context.interrupt(0);

            tester.arm(IrqIndex.INTX);
            line.trigger();
            tester.arm(IrqIndex.MSI);
            line.trigger();
            tester.arm(IrqIndex.MSIX, 1);
            assertThat(line.trigger()).isFalse();
            tester.arm(IrqIndex.MSIX);
            line.trigger();

            assertThat(tester.interrupts()).hasToString("[INTX 0, MSI 0, MSIX 0]");
            assertThat(device.context.interrupt(4).isArmed()).isFalse();
        }

        @Test
        void areKeptWhileMasked() {
            tester.arm(IrqIndex.MSIX);
            tester.mask(IrqIndex.MSIX, 2);
            IrqLine line = device.context.irq(IrqIndex.MSIX, 2);

            assertThat(line.trigger()).isTrue();
            assertThat(line.trigger()).isTrue();
            assertThat(tester.interrupts()).isEmpty();

            tester.unmask(IrqIndex.MSIX, 2);
            assertThat(tester.interrupts()).hasToString("[MSIX 2]");
            tester.unmask(IrqIndex.MSIX, 2);
            assertThat(tester.interrupts()).isEmpty();
        }

        @Test
        void tellTheDeviceOfTheirMasks() {
            List<String> heard = new ArrayList<>();
            device.context.watchMasks(
                    IrqIndex.MSIX, (start, count, masked) -> heard.add(start + " " + masked));

            tester.mask(IrqIndex.MSIX, 2);
            tester.unmask(IrqIndex.MSIX, 2);
            tester.mask(IrqIndex.MSI, 1);

            assertThat(heard).containsExactly("2 true", "2 false");
        }

        @Test
        void ofALevelComeOnceForEachUnmaskUntilLowered() {
            tester.arm(IrqIndex.INTX);
            IrqLine line = device.context.irq(IrqIndex.INTX, 0);

            line.raise();
            line.raise();
            assertThat(tester.isRaised(IrqIndex.INTX, 0)).isTrue();
            assertThat(tester.interrupts()).hasSize(1);
            tester.unmask(IrqIndex.INTX, 0);
            assertThat(tester.interrupts()).hasSize(1);
            line.lower();
            tester.unmask(IrqIndex.INTX, 0);

            assertThat(tester.isRaised(IrqIndex.INTX, 0)).isFalse();
            assertThat(tester.interrupts()).isEmpty();
        }

        @Test
        void ofALevelAreWithdrawnWithIt() {
            tester.arm(IrqIndex.INTX);
            tester.mask(IrqIndex.INTX, 0);
            IrqLine line = device.context.irq(IrqIndex.INTX, 0);

            line.raise();
            line.lower();
            tester.unmask(IrqIndex.INTX, 0);

            assertThat(tester.interrupts()).isEmpty();
        }

        @Test
        void ofALevelThatIsHighAlreadyComeWhenArmed() {
            device.context.irq(IrqIndex.INTX, 0).raise();

            tester.arm(IrqIndex.INTX);

            assertThat(tester.interrupts()).hasSize(1);
        }

        @Test
        void areOnlyThoseOfTheLayout() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> device.context.irq(IrqIndex.MSIX, 4))
                    .withMessage("MSIX 4 (expected: one of the layout's 4)");
        }
    }

    @Nested
    class Clock {
        private final List<String> fired = new ArrayList<>();

        @Test
        void firesTimersInOrderOfTheirTime() {
            device.context.schedule(Duration.ofMillis(20), () -> fired.add("20"));
            device.context.schedule(Duration.ofMillis(10), () -> fired.add("10"));
            device.context.schedule(Duration.ofMillis(10), () -> fired.add("10 too"));

            tester.advance(Duration.ofMillis(19));
            assertThat(fired).containsExactly("10", "10 too");
            tester.advance(Duration.ofMillis(1));
            assertThat(fired).containsExactly("10", "10 too", "20");
        }

        @Test
        void stopsAtEachTimerForWhatItLeadsTo() {
            device.context.schedule(
                    Duration.ofMillis(10),
                    () -> device.context.schedule(Duration.ofMillis(10), () -> fired.add("at 20")));
            device.context.schedule(Duration.ofMillis(15), () -> fired.add("at 15"));

            tester.advance(Duration.ofMillis(20));

            assertThat(fired).containsExactly("at 15", "at 20");
        }

        @Test
        void leavesCancelledTimersOut() {
            device.context.schedule(Duration.ofMillis(1), () -> fired.add("cancelled")).cancel();

            tester.advance(Duration.ofSeconds(1));

            assertThat(fired).isEmpty();
        }
    }

    @Nested
    class Memory {
        private static final long BASE = 0x10_0000;

        @Test
        void isLentInPiecesCutAtTheRegions() {
            MemorySegment low = tester.map(BASE, 0x1000);
            MemorySegment high = tester.map(BASE + 0x1000, 0x1000);

            try (Lease lease = memory().lease(BASE + 0xff0, 0x20, AccessMode.WRITE)) {
                assertThat(lease.count()).isEqualTo(2);
                assertThat(lease.length()).isEqualTo(0x20);
                lease.segment(0).fill((byte) 1);
                lease.segment(1).fill((byte) 2);
            }

            assertThat(low.get(ValueLayout.JAVA_BYTE, 0xff0)).isEqualTo((byte) 1);
            assertThat(low.get(ValueLayout.JAVA_BYTE, 0xfef)).isZero();
            assertThat(high.get(ValueLayout.JAVA_BYTE, 0x0f)).isEqualTo((byte) 2);
            assertThat(high.get(ValueLayout.JAVA_BYTE, 0x10)).isZero();
        }

        @Test
        void isReadOnlyForReading() {
            tester.map(BASE, 0x1000);

            try (Lease lease = memory().lease(BASE, 8, AccessMode.READ)) {
                assertThat(lease.segment(0).isReadOnly()).isTrue();
            }
        }

        @Test
        void isGoneOnceTheLeaseIsClosed() {
            tester.map(BASE, 0x1000);
            Lease closed;
            try (Lease lease = memory().lease(BASE, 8, AccessMode.READ)) {
                closed = lease;
            }

            assertThatIllegalStateException()
                    .isThrownBy(() -> closed.segment(0))
                    .withMessage("lease of 0x100000+0x8: closed (expected: open)");
        }

        @Test
        void isRefusedWithTheErrnoOfTheContract() {
            tester.map(new DmaRange(BASE, 0x1000, true, false, true));
            tester.map(new DmaRange(BASE + 0x1000, 0x1000, true, true, false));

            assertRefused(Errno.ENOENT, () -> lease(BASE - 1, 8, AccessMode.READ));
            assertRefused(Errno.EACCES, () -> lease(BASE, 8, AccessMode.READ_WRITE));
            assertRefused(Errno.EFAULT, () -> lease(BASE + 0x1000, 8, AccessMode.READ));
            assertThat(memory().isDirect(BASE, 0x1000, AccessMode.READ)).isTrue();
            assertThat(memory().isDirect(BASE, 0x1001, AccessMode.READ)).isFalse();
            assertThat(memory().isDirect(BASE, 8, AccessMode.WRITE)).isFalse();
        }

        @Test
        void isCopiedAtOnceWhereMappedAndByMessageWhereNot() {
            MemorySegment mapped = tester.map(BASE, 8);
            MemorySegment remote = tester.map(new DmaRange(BASE + 8, 8, true, true, false));
            mapped.fill((byte) 1);
            remote.fill((byte) 2);
            byte[] own = new byte[16];

            Completion read = memory().read(BASE, MemorySegment.ofArray(own));

            assertThat(own).startsWith(1, 1, 1, 1, 1, 1, 1, 1, 0);
            assertThat(read).isInstanceOf(Completion.Pending.class);
            assertThat(tester.runTasks()).isEqualTo(1);
            assertThat(own).endsWith(1, 2, 2, 2, 2, 2, 2, 2, 2);
            assertThat(tester.dmaMessages())
                    .containsExactly(new DmaMessage(Direction.READ, BASE + 8, 8));
        }

        @Test
        void goesByMessageWhenAskedTo() {
            MemorySegment mapped = tester.map(BASE, 8);

            memory().writeByMessage(BASE, MemorySegment.ofArray(new byte[] {1, 2}));

            assertThat(mapped.get(ValueLayout.JAVA_BYTE, 1)).isZero();
            tester.runTasks();
            assertThat(mapped.get(ValueLayout.JAVA_BYTE, 1)).isEqualTo((byte) 2);
            assertThat(tester.dmaMessages()).hasToString("[WRITE 0x100000+0x2]");
        }

        @Test
        void isTakenBackOnceTheDeviceIsQuiet() {
            tester.map(BASE, 0x1000);

            tester.unmap(BASE);

            assertThat(device.calls)
                    .endsWith("quiesce", "unmapped 0x100000+0x1000 rw mapped", "resume");
            assertThat(memory().ranges()).isEmpty();
        }

        @Test
        void isNotTakenBackFromADeviceThatKeepsALease() {
            tester.map(BASE, 0x1000);
            try (Lease kept = memory().lease(BASE + 0x10, 8, AccessMode.READ)) {
                assertThatExceptionOfType(AssertionError.class)
                        .isThrownBy(() -> tester.unmap(BASE))
                        .withMessage(
                                "leases open after quiesce: [0x100010+0x8] (expected: all closed)");
                assertThat(kept.count()).isEqualTo(1);
            }
        }

        @Test
        void doesNotOverlap() {
            tester.map(BASE, 0x1000);

            assertThatIllegalArgumentException()
                    .isThrownBy(() -> tester.map(BASE + 0xfff, 1))
                    .withMessageContaining("expected: no overlap");
        }

        private GuestMemory memory() {
            return device.context.memory();
        }

        private void lease(long iova, long length, AccessMode mode) {
            try (Lease lease = memory().lease(iova, length, mode)) {
                throw new AssertionError("lease: " + lease.length() + " bytes (expected: refused)");
            }
        }
    }

    @Nested
    class State {
        @Test
        void isSavedFromAStoppedDevice() {
            byte[] state = tester.saveState();

            assertThat(state).asString(US_ASCII).isEqualTo("state of a probe");
            assertThat(device.calls)
                    .containsExactly(
                            "attach", "quiesce", "stop", "save STOP_COPY", "start", "resume");
        }

        @Test
        void isLoadedIntoAStoppedDevice() {
            tester.loadState("state of a robot".getBytes(US_ASCII));

            assertThat(device.calls)
                    .containsExactly(
                            "attach",
                            "quiesce",
                            "stop",
                            "loaded state of a robot",
                            "start",
                            "resume");
        }

        @Test
        void isFollowedByAResetIfItIsRefused() {
            assertRefused(Errno.EINVAL, () -> tester.loadState(new byte[15]));
            assertRefused(Errno.EINVAL, () -> tester.loadState(new byte[17]));

            assertThat(device.calls).endsWith("stop", "reset DEVICE_RESET", "start", "resume");
        }
    }

    @Test
    void configSpaceHasTheIds() {
        ConfigSpace config = device.context.config();

        assertThat(config.size()).isEqualTo(256);
        assertThat(config.read(0x00, 4)).isEqualTo(0x5678_1234);
        assertThat(config.read(0x2c, 4)).isEqualTo(0xdef0_9abc);
        assertThat(config.busMaster()).isTrue();
    }

    private static void assertRefused(Errno errno, ThrowingCallable access) {
        assertThatExceptionOfType(DeviceException.class)
                .isThrownBy(access)
                .extracting(DeviceException::errno)
                .isEqualTo(errno);
    }
}
