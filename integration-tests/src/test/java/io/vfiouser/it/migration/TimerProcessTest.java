package io.vfiouser.it.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.vfiouser.client.RemoteErrorException;
import io.vfiouser.client.RemoteMigration;
import io.vfiouser.client.RemoteRegion;
import io.vfiouser.client.VfioUserClient;
import io.vfiouser.it.guest.ServedProcess;
import io.vfiouser.os.Errno;
import io.vfiouser.os.SharedMemory;
import io.vfiouser.protocol.MigrationState;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// The way of libvfio-user's sample client, with ours: two servers in processes of their own, and
/// the timer goes from the one to the other.
@ExtendWith(NoDescriptorLeaks.class)
@Timeout(180)
final class TimerProcessTest {
    private static final Path LAUNCHER = Path.of("..", "vfio-user").toAbsolutePath().normalize();
    private static final Duration START = Duration.ofMinutes(2);
    private static final int MAX_MSG_FDS = 8;
    private static final int REGIONS = 2 * MAX_MSG_FDS;
    private static final int MEMORY = 0x3000;
    private static final int STATE_SIZE = MEMORY + 8;

    @TempDir Path directory;

    @Test
    void firesAndMovesToAnotherProcessWhereItFiresAgain() throws Exception {
        Path first = directory.resolve("timer");
        Path second = directory.resolve("timer_migrated");
        try (var memory = SharedMemory.create("client", (long) REGIONS * SampleClient.PAGE);
                var here = serve(first);
                var there = serve(second);
                var source = SampleClient.connect(first, memory);
                var target = SampleClient.connect(second, memory)) {
            look(source.client());
            fire(source);

            byte[] guest = new byte[MEMORY];
            byte[] state = save(source.client(), guest);
            load(target, state, guest);

            // The notes on its layout, which is the C sample's, are all that they may say.
            assertThat(here.errorLines()).allMatch(line -> line.contains(" layout: BAR1"));
            assertThat(there.errorLines()).allMatch(line -> line.contains(" layout: BAR1"));
            assertThat(here.ready().pid()).isNotEqualTo(there.ready().pid());
        }
    }

    private static ServedProcess serve(Path socket) throws IOException, InterruptedException {
        return ServedProcess.start(
                List.of(LAUNCHER.toString(), "serve", "timer", "--socket", socket.toString()),
                START);
    }

    private static void look(VfioUserClient client) {
        assertThat(client.serverCapabilities().maxMsgFds()).isEqualTo(MAX_MSG_FDS);
        assertThat(client.info().regionCount()).isEqualTo(9);
        assertThat(client.configSpace().size()).isEqualTo(256);
        assertThat(client.configSpace().read32(0)).isEqualTo(0xbeef_deadL);
        assertThat(client.configSpace().read32(0x2c)).isEqualTo(0xbabe_cafeL);
        assertThat(client.irqInfo(0).count()).isEqualTo(1);
        refused(() -> client.read(0xdead, 0, 4));
        client.reset();
    }

    private static void fire(SampleClient source) throws InterruptedException {
        source.map(0, REGIONS);
        source.armIntx();
        VfioUserClient client = source.client();
        client.migration().startLogging(SampleClient.PAGE);
        long time = now() + 1;
        client.write(0, 0, 8, time);
        assertThat(client.read(0, 0, 8)).isBetween(-1L, now() - time);

        source.expectFiring(0);

        assertThat(now()).isGreaterThanOrEqualTo(time);
        assertThat(
                        client
                                .migration()
                                .dirtyPages(
                                        0, (long) REGIONS * SampleClient.PAGE, SampleClient.PAGE)
                                .stream())
                .as("what was written by messages is known to the client itself")
                .containsExactly(1);
        client.migration().stopLogging();
        for (int page = 0; page < MAX_MSG_FDS; page++) {
            source.unmap(page);
        }
    }

    /// @param guest filled with what the guest wrote to BAR1 last
    private static byte[] save(VfioUserClient client, byte[] guest) {
        client.write(0, 0, 8, now() + 2);
        client.writeBytes(1, 0, random(guest, 1));
        RemoteMigration migration = client.migration();
        migration.changeState(MigrationState.PRE_COPY);
        assertThat(read(migration)).isEqualTo(guest);
        client.writeBytes(1, 0, random(guest, 2));

        migration.changeState(MigrationState.STOP_COPY);
        byte[] state = read(migration);
        assertThat(state).hasSize(STATE_SIZE).startsWith(guest);
        migration.changeState(MigrationState.STOP);
        return state;
    }

    private static void load(SampleClient target, byte[] state, byte[] guest) throws Exception {
        target.map(MAX_MSG_FDS, MAX_MSG_FDS);
        target.armIntx();
        VfioUserClient client = target.client();
        RemoteMigration migration = client.migration();
        migration.changeState(MigrationState.RESUMING);
        refused(() -> migration.changeState(MigrationState.STOP));
        for (int at = 0; at < STATE_SIZE; at += SampleClient.MAX_TRANSFER) {
            int end = Math.min(STATE_SIZE, at + SampleClient.MAX_TRANSFER);
            migration.writeData(Arrays.copyOfRange(state, at, end));
        }
        migration.changeState(MigrationState.STOP);
        RemoteRegion bar1 = client.region(1);
        assertThat(bar1.readBytes(0, MEMORY)).isEqualTo(guest);
        for (var area : bar1.mappableAreas()) {
            byte[] mapped = bar1.map(area).toArray(ValueLayout.JAVA_BYTE);
            assertThat(mapped)
                    .isEqualTo(
                            Arrays.copyOfRange(
                                    guest,
                                    (int) area.offset(),
                                    (int) (area.offset() + area.size())));
        }

        migration.changeState(MigrationState.RUNNING);
        target.expectFiring(MAX_MSG_FDS);
        client.dmaUnmapAll();
    }

    private static byte[] read(RemoteMigration migration) {
        var stream = new ByteArrayOutputStream();
        byte[] piece;
        do {
            piece = migration.readData(SampleClient.MAX_TRANSFER);
            stream.writeBytes(piece);
        } while (piece.length == SampleClient.MAX_TRANSFER);
        return stream.toByteArray();
    }

    private static byte[] random(byte[] into, long seed) {
        new Random(seed).nextBytes(into);
        return into;
    }

    private static long now() {
        return Instant.now().getEpochSecond();
    }

    private static void refused(Runnable call) {
        assertThatExceptionOfType(RemoteErrorException.class)
                .isThrownBy(call::run)
                .extracting(RemoteErrorException::errno)
                .isEqualTo(Errno.EINVAL);
    }
}
