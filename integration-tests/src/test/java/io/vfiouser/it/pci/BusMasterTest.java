package io.vfiouser.it.pci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.vfiouser.client.RemoteErrorException;
import io.vfiouser.client.VfioUserClient;
import io.vfiouser.device.Device;
import io.vfiouser.device.DeviceContext;
import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.memory.AccessMode;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.pci.Bar;
import io.vfiouser.device.region.RegisterBlock;
import io.vfiouser.it.support.TestServer;
import io.vfiouser.os.Errno;
import io.vfiouser.os.SharedMemory;
import io.vfiouser.protocol.DmaFlags;
import io.vfiouser.server.options.ServerOptions;
import io.vfiouser.server.options.ServiceOptions;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Client memory behind the command register's bus master bit.
@ExtendWith(NoDescriptorLeaks.class)
class BusMasterTest {
    private static final long IOVA = 0x10_0000;
    private static final int COMMAND = 0x04;
    private static final int BUS_MASTER = 0x4;
    private static final int COPY = 0x00;
    private static final int LEASE = 0x08;
    private static final int MESSAGE = 0x10;

    @Test
    void isNotAskedForByDefault() {
        run(ServiceOptions.defaults(), client -> client.region(0).write64(COPY, IOVA));
    }

    @Test
    void memoryIsRefusedWhileItIsOff() {
        run(
                ServiceOptions.defaults().withBusMasterRequired(true),
                client -> {
                    refused(client, COPY);
                    refused(client, LEASE);
                    refused(client, MESSAGE);

                    client.configSpace().write16(COMMAND, BUS_MASTER);
                    client.region(0).write64(COPY, IOVA);
                    client.region(0).write64(LEASE, IOVA);

                    client.configSpace().write16(COMMAND, 0);
                    refused(client, COPY);
                });
    }

    @Test
    void aResetTurnsItOff() {
        run(
                ServiceOptions.defaults().withBusMasterRequired(true),
                client -> {
                    client.configSpace().write16(COMMAND, BUS_MASTER);
                    client.reset();
                    refused(client, COPY);
                });
    }

    private static void run(ServiceOptions options, Consumer<VfioUserClient> test) {
        try (var server = TestServer.start(ServerOptions.defaults().withService(options));
                var client = VfioUserClient.connect(server.serve("master", new Master()));
                var memory = SharedMemory.create("guest", 0x1000)) {
            client.dmaMap(IOVA, memory, 0, 0x1000, DmaFlags.READ_WRITE);
            test.accept(client);
        }
    }

    private static void refused(VfioUserClient client, int register) {
        assertThatExceptionOfType(RemoteErrorException.class)
                .isThrownBy(() -> client.region(0).write64(register, IOVA))
                .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.EACCES));
    }

    /// Reads client memory at the address that is written to a register.
    private static final class Master implements Device {
        private final MemorySegment buffer = MemorySegment.ofArray(new byte[8]);
        private DeviceContext context = DeviceContext.UNATTACHED;

        @Override
        public DeviceLayout layout() {
            var registers =
                    RegisterBlock.builder()
                            .command(COPY, 8, "COPY", iova -> context.memory().read(iova, buffer))
                            .command(LEASE, 8, "LEASE", this::lease)
                            .command(
                                    MESSAGE,
                                    8,
                                    "MESSAGE",
                                    iova -> context.memory().readByMessage(iova, buffer))
                            .build();
            return DeviceLayout.pci(0x1234, 0x5678).bar(0, Bar.memory(0x1000, registers)).build();
        }

        @Override
        public void attach(DeviceContext attached) {
            context = attached;
        }

        private Completion lease(long iova) {
            boolean direct = context.memory().isDirect(iova, 8, AccessMode.READ);
            assertThat(direct).isEqualTo(context.config().busMaster());
            try (var lease = context.memory().lease(iova, 8, AccessMode.READ)) {
                assertThat(lease.length()).isEqualTo(8);
            }
            return Completion.DONE;
        }
    }
}
