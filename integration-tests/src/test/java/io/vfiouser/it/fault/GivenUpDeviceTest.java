package io.vfiouser.it.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.vfiouser.client.RemoteErrorException;
import io.vfiouser.client.VfioUserClient;
import io.vfiouser.device.Device;
import io.vfiouser.device.DeviceContext;
import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.device.irq.IrqLine;
import io.vfiouser.device.memory.AccessMode;
import io.vfiouser.device.memory.GuestMemory;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.device.pci.Bar;
import io.vfiouser.device.region.MemoryRegion;
import io.vfiouser.device.region.RegisterBlock;
import io.vfiouser.it.support.TestServer;
import io.vfiouser.os.Errno;
import io.vfiouser.os.SharedMemory;
import io.vfiouser.protocol.DmaFlags;
import io.vfiouser.server.ServedDevice;
import io.vfiouser.server.observe.ServerListener;
import io.vfiouser.server.options.GiveUp;
import io.vfiouser.server.options.ServerOptions;
import io.vfiouser.server.options.ServiceOptions;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A device that was given up is gone for its guest, and nothing for the others.
@ExtendWith(NoDescriptorLeaks.class)
class GivenUpDeviceTest {
    private static final int BAR = 0;
    private static final int CONFIG = 7;
    private static final int INTX = 0;
    private static final long HANGS = 0;
    private static final long SCRATCH = 0x100;
    private static final long ALL_ONES = 0xffff_ffffL;
    private static final String REASON = "its disk is on fire";

    private final CompletableFuture<String> gone = new CompletableFuture<>();
    private final ServerListener listener =
            new ServerListener() {
                @Override
                public void deviceGivenUp(String device, String reason) {
                    gone.complete(device + ": " + reason);
                }
            };

    /// A device that never ends what its first register begins, nor becomes quiet.
    private static final class HangingDevice implements Device {
        private final BlockingQueue<String> waits = new LinkedBlockingQueue<>();
        private @Nullable DeviceContext context;
        private IrqLine line = IrqLine.UNWIRED;
        private boolean detached;

        @Override
        public DeviceLayout layout() {
            var registers =
                    RegisterBlock.builder()
                            .command(HANGS, 4, "HANGS", _ -> never("command"))
                            .elsewhere(MemoryRegion.scratch(0x1000))
                            .build();
            return DeviceLayout.pci(0x1af4, 0x10f1)
                    .bar(BAR, Bar.memory(0x1000, registers))
                    .irq(IrqIndex.INTX, 1)
                    .build();
        }

        @Override
        public void attach(DeviceContext context) {
            this.context = context;
            line = context.irq(IrqIndex.INTX, 0);
        }

        @Override
        public void detach() {
            detached = true;
        }

        @Override
        public Completion quiesce() {
            return never("quiesce");
        }

        private Completion never(String what) {
            waits.add(what);
            return Completion.after(new CompletableFuture<>());
        }

        GuestMemory memory() {
            return Objects.requireNonNull(context).memory();
        }
    }

    private TestServer start(GiveUp when) {
        return TestServer.start(
                ServerOptions.defaults()
                        .withService(ServiceOptions.defaults().withGiveUp(when))
                        .withListener(listener));
    }

    @Test
    void readsAllOnesAndHearsOfNothing() {
        var device = new HangingDevice();
        try (var server = start(GiveUp.NEVER);
                var memory = SharedMemory.create("guest", 0x1000)) {
            Path socket = server.serve("broken", device);
            Path other = server.serve("other", new ThrowingDevice());
            ServedDevice served = served(server);
            try (var client = VfioUserClient.connect(socket);
                    var neighbour = VfioUserClient.connect(other)) {
                client.write(BAR, SCRATCH, 4, 1);
                neighbour.write(BAR, SCRATCH, 4, 2);
                client.dmaMap(0, memory, 0, 0x1000, DmaFlags.READ_WRITE);
                var irq = client.irq(INTX, 0);
                irq.arm();
                assertThat(served.call(device.line::trigger).join()).isTrue();
                assertThat(irq.take()).isEqualTo(1);

                served.giveUp(REASON).join();

                assertThat(gone.join()).isEqualTo("broken: " + REASON);
                assertThat(served.givenUp()).contains(REASON);
                assertThat(served.stats().givenUp()).isTrue();
                assertThat(client.read(BAR, SCRATCH, 4)).isEqualTo(ALL_ONES);
                assertThat(client.read(CONFIG, 0, 4)).isEqualTo(ALL_ONES);
                client.write(BAR, SCRATCH, 4, 5);
                client.write(BAR, HANGS, 4, 5);
                assertThat(client.read(BAR, SCRATCH, 4)).isEqualTo(ALL_ONES);
                assertThat(served.call(device.line::trigger).join()).isFalse();
                assertThat(irq.take()).isZero();
                client.reset();
                client.dmaUnmapAll();
                assertThat(neighbour.read(BAR, SCRATCH, 4)).isEqualTo(2);
            }
            try (var next = VfioUserClient.connect(socket)) {
                assertThat(next.read(BAR, SCRATCH, 4)).isEqualTo(ALL_ONES);
            }
            served.close();
            assertThat(device.waits).isEmpty();
            assertThat(device.detached).isFalse();
        }
    }

    @Test
    void getsNoMoreClientMemory() {
        var device = new HangingDevice();
        try (var server = start(GiveUp.NEVER);
                var memory = SharedMemory.create("guest", 0x1000)) {
            Path socket = server.serve("broken", device);
            try (var client = VfioUserClient.connect(socket)) {
                client.dmaMap(0, memory, 0, 0x1000, DmaFlags.READ_WRITE);
                ServedDevice served = served(server);
                assertThat(served.call(() -> lease(device)).join()).isTrue();

                served.giveUp(REASON).join();

                assertThatExceptionOfType(DeviceException.class)
                        .isThrownBy(() -> lease(device))
                        .satisfies(refused -> assertThat(refused.errno()).isEqualTo(Errno.ENODEV));
                assertThat(device.memory().isDirect(0, 0x1000, AccessMode.READ)).isFalse();
            }
        }
    }

    private static boolean lease(HangingDevice device) {
        try (var lease = device.memory().lease(0, 0x1000, AccessMode.READ)) {
            return lease.length() == 0x1000;
        }
    }

    @Test
    void endsTheCommandAtWorkAndTheClientGoesOn() throws InterruptedException {
        var device = new HangingDevice();
        try (var server = start(GiveUp.NEVER)) {
            Path socket = server.serve("broken", device);
            try (var client = VfioUserClient.connect(socket)) {
                var hanging = client.async().regionWrite(BAR, HANGS, new byte[4]);
                assertThat(device.waits.take()).isEqualTo("command");

                var _ = served(server).giveUp(REASON);

                assertThat(hanging.handle((_, error) -> error).join())
                        .isInstanceOfSatisfying(
                                RemoteErrorException.class,
                                error -> assertThat(error.errno()).isEqualTo(Errno.EIO));
                assertThat(client.read(BAR, SCRATCH, 4)).isEqualTo(ALL_ONES);
            }
        }
    }

    @Test
    void aDeviceThatNeverBecomesQuietHoldsUpNoUnmap() throws InterruptedException {
        var device = new HangingDevice();
        try (var server = start(GiveUp.NEVER);
                var memory = SharedMemory.create("guest", 0x1000)) {
            Path socket = server.serve("broken", device);
            try (var client = VfioUserClient.connect(socket)) {
                client.dmaMap(0, memory, 0, 0x1000, DmaFlags.READ_WRITE);
                var reset = client.async().reset();
                assertThat(device.waits.take()).isEqualTo("quiesce");

                var _ = served(server).giveUp(REASON);

                reset.join();
                client.dmaUnmap(0, 0x1000);
                assertThat(client.read(BAR, SCRATCH, 4)).isEqualTo(ALL_ONES);
            }
        }
    }

    @Test
    void aClientThatHasLeftIsReleasedAtOnce() throws InterruptedException {
        var device = new HangingDevice();
        try (var server = start(GiveUp.NEVER)) {
            Path socket = server.serve("broken", device);
            ServedDevice served = served(server);
            try (var client = VfioUserClient.connect(socket)) {
                var _ = client.async().regionWrite(BAR, HANGS, new byte[4]);
                assertThat(device.waits.take()).isEqualTo("command");
            }
            assertThat(device.waits.take()).isEqualTo("quiesce");
            var released = served.clientGone();

            var _ = served.giveUp(REASON);

            released.toCompletableFuture().join();
            try (var next = VfioUserClient.connect(socket)) {
                assertThat(next.read(BAR, SCRATCH, 4)).isEqualTo(ALL_ONES);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "NEVER, 0x08, false", "NEVER, 0x00, false",
        "ON_ERROR, 0x08, true", "ON_ERROR, 0x1c, true",
        "ON_ERROR, 0x00, false", "ON_ERROR, 0x04, false",
        "ON_EXCEPTION, 0x00, true", "ON_EXCEPTION, 0x10, true",
        "ON_EXCEPTION, 0x1c, true", "ON_EXCEPTION, 0x14, false"
    })
    void isGivenUpForWhatItThrows(GiveUp when, String register, boolean givenUp) {
        try (var server = start(when)) {
            Path socket = server.serve("broken", new ThrowingDevice());
            Path other = server.serve("other", new ThrowingDevice());
            try (var client = VfioUserClient.connect(socket);
                    var neighbour = VfioUserClient.connect(other)) {
                client.write(BAR, SCRATCH, 4, 1);

                assertThatExceptionOfType(RemoteErrorException.class)
                        .isThrownBy(() -> client.write(BAR, Long.decode(register), 4, 0));

                assertThat(client.read(BAR, SCRATCH, 4)).isEqualTo(givenUp ? ALL_ONES : 1);
                assertThat(served(server).givenUp().isPresent()).isEqualTo(givenUp);
                assertThat(neighbour.read(BAR, SCRATCH, 4)).isZero();
            }
        }
    }

    private static ServedDevice served(TestServer server) {
        return server.server().device("broken").orElseThrow();
    }
}
