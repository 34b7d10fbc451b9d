package io.vfiouser.it.filters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vfiouser.client.RemoteErrorException;
import io.vfiouser.client.VfioUserClient;
import io.vfiouser.devices.gpio.GpioDevice;
import io.vfiouser.devices.testdev.TestDevice;
import io.vfiouser.filters.AccessStats;
import io.vfiouser.filters.DelayFilter;
import io.vfiouser.filters.DelaySettings;
import io.vfiouser.filters.DeviceFilter;
import io.vfiouser.filters.DmaFaultFilter;
import io.vfiouser.filters.DmaFaultSettings;
import io.vfiouser.filters.DropIrqFilter;
import io.vfiouser.filters.ErrorFilter;
import io.vfiouser.filters.ErrorRule;
import io.vfiouser.filters.ErrorSettings;
import io.vfiouser.filters.FilteredDevice;
import io.vfiouser.filters.IrqTarget;
import io.vfiouser.filters.RateFilter;
import io.vfiouser.filters.RateSettings;
import io.vfiouser.filters.SpuriousIrqFilter;
import io.vfiouser.filters.SpuriousIrqSettings;
import io.vfiouser.filters.StatsFilter;
import io.vfiouser.filters.SurpriseRemovalFilter;
import io.vfiouser.filters.Target;
import io.vfiouser.filters.TraceRecorder;
import io.vfiouser.it.support.TestServer;
import io.vfiouser.os.Errno;
import io.vfiouser.os.SharedMemory;
import io.vfiouser.protocol.DmaFlags;
import io.vfiouser.protocol.MigrationState;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Filters over a real socket, on the event loop of a real server.
@ExtendWith(NoDescriptorLeaks.class)
class FilteredDeviceTest {
    private static final int INTX = 0;
    private static final int MSIX = 2;
    private static final int SCRATCH = 0;
    private static final int BELL = 2;
    private static final int GPIO = 2;
    private static final int OUT0_7 = 0x0;
    private static final int IRQ_CTL = 0x2;
    private static final int IRQ_STATUS = 0x6;

    private final TestServer server = TestServer.start();

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void delaysHoldUpOnlyTheirClient() {
        var delay = new DelayFilter(DelaySettings.of(Duration.ofMillis(150)).at("BAR0"));
        var errors = new ErrorFilter(ErrorSettings.ofWrites(ErrorRule.nth(Errno.EBUSY, 2)));
        try (var slow = testdev("slow", delay, errors);
                var quick = testdev("quick")) {
            long start = System.nanoTime();
            var read = slow.async().regionRead(SCRATCH, 0, 4);
            quick.read(SCRATCH, 0, 4);
            assertThat(read).isNotDone();
            assertThat(read.join()).hasSize(4);
            assertThat(System.nanoTime() - start).isGreaterThan(150_000_000L);

            delay.enabled(false);
            slow.write(SCRATCH, 0, 4, 1);
            refuses(Errno.EBUSY, () -> slow.write(SCRATCH, 0, 4, 2));
            slow.write(SCRATCH, 8, 4, 3);
            assertThat(slow.read(SCRATCH, 0, 4)).isEqualTo(1);
            assertThat(slow.read(SCRATCH, 8, 4)).isEqualTo(3);
        }
    }

    @Test
    void aClientThatGoesEndsItsDelay() {
        var delay = new DelayFilter(DelaySettings.of(Duration.ofHours(1)));
        Path socket = server.serve("dev", FilteredDevice.of(new TestDevice(), delay));
        CompletableFuture<byte[]> read;
        try (var client = VfioUserClient.connect(socket)) {
            read = client.async().regionRead(SCRATCH, 0, 4);
        }
        assertThat(read).isCompletedExceptionally();
        delay.enabled(false);
        try (var next = VfioUserClient.connect(socket)) {
            assertThat(next.read(SCRATCH, 0, 4)).isZero();
        }
    }

    @Test
    void lostInterruptsLeaveTheStatus() {
        var drop = new DropIrqFilter();
        Path socket = server.serve("gpio", FilteredDevice.of(new GpioDevice(), drop));
        try (var client = VfioUserClient.connect(socket)) {
            var irq = client.irq(INTX, 0);
            irq.arm();
            client.read(GPIO, IRQ_CTL, 1);
            client.write(GPIO, OUT0_7, 1, 1);
            assertThat(client.read(GPIO, IRQ_STATUS, 1)).isEqualTo(0b101);
            assertThat(irq.take()).isZero();
            assertThat(drop.dropped()).isPositive();

            drop.enabled(false);
            client.write(GPIO, OUT0_7 + 1, 1, 0); // clears the status
            client.write(GPIO, OUT0_7, 1, 0);
            assertThat(irq.take()).isEqualTo(1);
        }
    }

    @Test
    void interruptsOutOfNowhere() {
        var settings = new SpuriousIrqSettings(IrqTarget.parse("msix.3"), Duration.ofMillis(5));
        try (var client = testdev("dev", new SpuriousIrqFilter(settings))) {
            var irq = client.irq(MSIX, 3);
            irq.arm();
            assertThat(irq.await(Duration.ofSeconds(10))).isPositive();
            assertThat(irq.await(Duration.ofSeconds(10))).isPositive();
        }
    }

    @Test
    void memoryThatCannotBeReached() {
        var faults = new DmaFaultFilter(DmaFaultSettings.of(ErrorRule.always(Errno.EFAULT)));
        try (var client = testdev("dev", faults);
                var memory = SharedMemory.create("client", 0x2000)) {
            client.dmaMap(0x10000, memory, 0, 0x2000, DmaFlags.READ_WRITE);
            byte[] copy = copyCommand(0x10000, 0x11000, 0x1000);
            refuses(Errno.EFAULT, () -> client.writeBytes(BELL, 0x8, copy));
            faults.enabled(false);
            memory.segment().set(ValueLayout.JAVA_BYTE, 0, (byte) 7);
            client.writeBytes(BELL, 0x8, copy);
            assertThat(memory.segment().get(ValueLayout.JAVA_BYTE, 0x1000)).isEqualTo((byte) 7);
        }
    }

    @Test
    void aDeviceThatIsPulledOut() {
        var removal = new SurpriseRemovalFilter();
        try (var client = testdev("dev", removal)) {
            long id = client.configSpace().read32(0);
            var irq = client.irq(MSIX, 0);
            irq.arm();
            removal.enabled(true);
            assertThat(client.configSpace().read32(0)).isEqualTo(0xffff_ffffL);
            assertThat(client.read(SCRATCH, 0, 4)).isEqualTo(0xffff_ffffL);
            client.write(BELL, 0, 4, 0);
            assertThat(irq.take()).isZero();
            removal.enabled(false);
            assertThat(client.configSpace().read32(0)).isEqualTo(id);
            client.write(BELL, 0, 4, 0);
            assertThat(irq.take()).isEqualTo(1);
        }
    }

    @Test
    void soManyAccessesASecond() {
        var rate = new RateFilter(new RateSettings(100, Target.ALL));
        try (var client = testdev("dev", rate)) {
            long start = System.nanoTime();
            for (int i = 0; i < 12; i++) {
                client.read(SCRATCH, 0, 4);
            }
            assertThat(System.nanoTime() - start).isGreaterThan(90_000_000L);
        }
    }

    @Test
    void whatPassedIsCountedAndKept() {
        var stats = new StatsFilter();
        var recorder = new TraceRecorder(50);
        try (var client = testdev("dev", stats, recorder)) {
            client.irq(MSIX, 1).arm();
            client.write(BELL, 0, 4, 1);
            refuses(Errno.ENOENT, () -> client.write(BELL, 0, 4, 2));
            assertThat(recorder.events())
                    .extracting(Object::toString)
                    .containsSubsequence(
                            "client attached",
                            "irq MSIX.1 trigger",
                            "write BAR2.BELL = 0x00000001",
                            "irq INTX.2 trigger, nobody listens",
                            "write BAR2.BELL: ENOENT");
            AccessStats bell = stats.stats().getLast();
            assertThat(bell.place()).isEqualTo("BAR2.BELL");
            assertThat(bell.count()).isEqualTo(2);
            assertThat(bell.errors()).isEqualTo(1);
        }
    }

    @Test
    void aDeviceWithFiltersStillMigrates() {
        Path from = server.serve("from", FilteredDevice.of(new GpioDevice(), new StatsFilter()));
        try (var client = VfioUserClient.connect(from)) {
            client.migration().changeState(MigrationState.STOP_COPY);
            assertThat(client.migration().readData(64)).hasSize(5);
        }
    }

    private VfioUserClient testdev(String name, DeviceFilter... filters) {
        Path socket = server.serve(name, FilteredDevice.of(new TestDevice(), filters));
        return VfioUserClient.connect(socket);
    }

    private static byte[] copyCommand(long source, long destination, long length) {
        return ByteBuffer.allocate(32)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(source)
                .putLong(destination)
                .putLong(length)
                .array();
    }

    private static void refuses(Errno errno, Runnable call) {
        assertThatThrownBy(call::run)
                .isInstanceOfSatisfying(
                        RemoteErrorException.class, e -> assertThat(e.errno()).isEqualTo(errno));
    }
}
