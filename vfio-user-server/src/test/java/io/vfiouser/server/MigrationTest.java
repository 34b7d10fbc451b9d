package io.vfiouser.server;

import static io.vfiouser.protocol.MigrationState.ERROR;
import static io.vfiouser.protocol.MigrationState.PRE_COPY;
import static io.vfiouser.protocol.MigrationState.RESUMING;
import static io.vfiouser.protocol.MigrationState.RUNNING;
import static io.vfiouser.protocol.MigrationState.STOP;
import static io.vfiouser.protocol.MigrationState.STOP_COPY;
import static io.vfiouser.protocol.WireFormat.FEATURE_MIGRATION;
import static io.vfiouser.protocol.WireFormat.FEATURE_MIG_DEVICE_STATE;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.vfiouser.os.Errno;
import io.vfiouser.protocol.Capabilities;
import io.vfiouser.protocol.ClientRequest;
import io.vfiouser.protocol.DeviceFeature;
import io.vfiouser.protocol.DeviceReset;
import io.vfiouser.protocol.EmptyReply;
import io.vfiouser.protocol.Feature;
import io.vfiouser.protocol.FeatureFlags;
import io.vfiouser.protocol.MigDataRead;
import io.vfiouser.protocol.MigDataWrite;
import io.vfiouser.protocol.MigrationState;
import io.vfiouser.protocol.RegionRead;
import io.vfiouser.protocol.RegionWrite;
import io.vfiouser.protocol.RegionWriteMulti;
import io.vfiouser.protocol.Version;
import io.vfiouser.protocol.WireFormat;
import io.vfiouser.server.options.ServerOptions;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Migration over sockets, from one served device to another.
@ExtendWith(NoDescriptorLeaks.class)
class MigrationTest {
    private static final Capabilities CLIENT = Capabilities.DEFAULTS.withMaxDataXferSize(8192);

    private final MovingDevice device = new MovingDevice();

    @BeforeAll
    static void useSocketsOnce() throws IOException {
        RawClient.useSocketsOnce();
    }

    @Test
    void saysThatTheDeviceMigratesInAReplyThatQemuAccepts(@TempDir Path directory)
            throws IOException {
        try (var server = serve(directory.resolve("s"));
                var client = RawClient.connect(directory.resolve("s"))) {
            Capabilities qemu = CLIENT.withWriteMultiple(true);
            int id = client.send(new Version(0, 1, qemu), false);
            var frame = client.receiveFrame();

            assertThat(frame.readableBytes() - WireFormat.HEADER_SIZE - 4)
                    .as("bytes of JSON")
                    .isLessThan(170);
            String json = frame.toString(StandardCharsets.US_ASCII);
            assertThat(json).contains("\"migration\":{\"pgsize\":4096}");
            assertThat(id).isZero();
            var abilities =
                    new DeviceFeature(16, FeatureFlags.get(FEATURE_MIGRATION), new Feature.None());
            assertThat(client.call(DeviceFeature.Reply.class, abilities).feature())
                    .isEqualTo(new Feature.Migration(5));
            assertThat(server.devices()).hasSize(1);
        }
    }

    @ParameterizedTest
    @CsvSource({"8192, 8192, false", "4095, 1, false", "777, 1300, true", "8191, 8192, true"})
    void movesStateFromOneProcessToAnother(
            int readSize, int writeSize, boolean slow, @TempDir Path directory) throws IOException {
        var target = new MovingDevice();
        device.slow = slow;
        device.mayStop.countDown();
        target.slow = slow;
        target.mayStop.countDown();
        byte[] before = randomBytes(1);
        byte[] after = randomBytes(2);
        Path second = directory.resolve("t");
        try (var server = serve(directory.resolve("s"));
                var client = RawClient.attach(directory.resolve("s"), CLIENT)) {
            server.serve("target", target, second);
            write(client, before);
            change(client, PRE_COPY);
            assertThat(readAll(client, readSize)).isEqualTo(before);
            write(client, after);
            change(client, STOP_COPY);
            byte[] state = readAll(client, readSize);
            assertThat(state).isEqualTo(after);
            change(client, STOP);
            assertThat(state(client)).isEqualTo(STOP);

            try (var other = RawClient.attach(second, CLIENT)) {
                change(other, RESUMING);
                for (int at = 0; at < state.length; at += writeSize) {
                    int end = Math.min(state.length, at + writeSize);
                    load(other, Arrays.copyOfRange(state, at, end));
                }
                change(other, RUNNING);

                assertThat(read(other)).isEqualTo(after);
                assertThat(state(other)).isEqualTo(RUNNING);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, MovingDevice.SIZE - 1})
    void refusesStateThatIsTooShort(int size, @TempDir Path directory) throws IOException {
        try (var server = serve(directory.resolve("s"));
                var client = RawClient.attach(directory.resolve("s"), CLIENT)) {
            change(client, RESUMING);
            load(client, new byte[size]);

            assertThat(client.refused(changeTo(RUNNING))).isEqualTo(Errno.EINVAL);
            assertThat(state(client)).isEqualTo(RESUMING);

            load(client, new byte[MovingDevice.SIZE - size]);
            change(client, RUNNING);
            assertThat(server.devices()).hasSize(1);
        }
    }

    @Test
    void refusesStateThatIsTooLong(@TempDir Path directory) throws IOException {
        try (var server = serve(directory.resolve("s"));
                var client = RawClient.attach(directory.resolve("s"), CLIENT)) {
            change(client, RESUMING);
            load(client, new byte[MovingDevice.SIZE]);

            assertThat(client.refused(dataOf(new byte[1]))).isEqualTo(Errno.EINVAL);
            change(client, STOP);
            assertThat(server.devices()).hasSize(1);
        }
    }

    @Test
    void refusesDataInAStateThatHasNone(@TempDir Path directory) throws IOException {
        try (var server = serve(directory.resolve("s"));
                var client = RawClient.attach(directory.resolve("s"), CLIENT)) {
            for (MigrationState state : List.of(RUNNING, STOP, RESUMING)) {
                change(client, state);
                assertThat(client.refused(new MigDataRead(8))).isEqualTo(Errno.EINVAL);
            }
            client.call(EmptyReply.class, new DeviceReset());
            for (MigrationState state : List.of(RUNNING, STOP, STOP_COPY)) {
                change(client, state);
                assertThat(client.refused(dataOf(new byte[8]))).isEqualTo(Errno.EINVAL);
            }
            assertThat(client.refused(new MigDataRead(8193)))
                    .as("more than the client takes")
                    .isEqualTo(Errno.EINVAL);
            assertThat(client.refused(new MigDataRead(15, 8))).as("argsz").isEqualTo(Errno.EINVAL);
            assertThat(readAll(client, 8192)).as("the stream is whole").hasSize(MovingDevice.SIZE);
            assertThat(server.devices()).hasSize(1);
        }
    }

    @Test
    void answersInOrderWhileTheDeviceTakesItsTime(@TempDir Path directory)
            throws IOException, InterruptedException {
        device.slow = true;
        try (var server = serve(directory.resolve("s"));
                var client = RawClient.attach(directory.resolve("s"), CLIENT)) {
            var change = changeTo(STOP_COPY);
            var read = new MigDataRead(4096);
            var registers = new RegionRead(0, 0, 8);
            int first = client.send(change, false);
            client.send(new MigDataRead(100), true);
            int second = client.send(read, false);
            int third = client.send(registers, false);
            device.awaitCall("stop");
            device.mayStop.countDown();

            assertThat(client.receive(change, first)).isInstanceOf(DeviceFeature.Reply.class);
            assertThat(client.receive(read, second)).isInstanceOf(MigDataRead.Reply.class);
            assertThat(client.receive(registers, third)).isInstanceOf(RegionRead.Reply.class);
            assertThat(readAll(client, 8192))
                    .as("what is left after two reads")
                    .hasSize(MovingDevice.SIZE - 4096 - 100);
            assertThat(server.devices()).hasSize(1);
        }
    }

    @Test
    void registersOfAStoppedDeviceCanBeReadAndWrittenExceptWhileItIsSaved(@TempDir Path directory)
            throws IOException {
        var write = new RegionWrite(0, 0, Unpooled.wrappedBuffer(new byte[] {1, 2, 3, 4}));
        var command = new RegionWrite(7, 4, Unpooled.wrappedBuffer(new byte[] {0, 0}));
        var multi = new RegionWriteMulti(List.of(new RegionWriteMulti.Write(0, 0, 4, 0x0403_0201)));
        try (var server = serve(directory.resolve("s"));
                var client = RawClient.attach(directory.resolve("s"), CLIENT)) {
            for (MigrationState state : List.of(STOP, RESUMING, STOP)) {
                change(client, state);
                client.call(RegionWrite.Reply.class, write);
                if (state == RESUMING) {
                    load(client, new byte[MovingDevice.SIZE]);
                }
            }
            change(client, STOP_COPY);
            for (ClientRequest refused : List.of(write, command, multi)) {
                assertThat(client.refused(refused)).isEqualTo(Errno.EINVAL);
            }
            assertThat(ByteBufUtil.hexDump(readRegisters(client, 4))).isEqualTo("01020304");
            change(client, RUNNING);
            client.call(RegionWrite.Reply.class, write);
            assertThat(server.devices()).hasSize(1);
        }
    }

    @Test
    void aStoppedDeviceStaysQuietUntilItIsStarted(@TempDir Path directory) throws IOException {
        try (var server = serve(directory.resolve("s"));
                var client = RawClient.attach(directory.resolve("s"), CLIENT)) {
            change(client, PRE_COPY);
            change(client, STOP_COPY);
            change(client, STOP);
            change(client, RUNNING);

            assertThat(device.calls)
                    .containsExactly(
                            "quiesce",
                            "resume",
                            "quiesce",
                            "stop",
                            "close PRE_COPY",
                            "close STOP_COPY",
                            "start",
                            "resume");
            assertThat(server.devices()).hasSize(1);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aResetLeadsOutOfError(boolean slow, @TempDir Path directory) throws IOException {
        device.slow = slow;
        device.broken = true;
        try (var server = serve(directory.resolve("s"));
                var client = RawClient.attach(directory.resolve("s"), CLIENT)) {
            assertThat(client.refused(changeTo(STOP))).isEqualTo(Errno.EIO);
            assertThat(state(client)).isEqualTo(ERROR);
            assertThat(client.refused(changeTo(RUNNING))).isEqualTo(Errno.EINVAL);

            client.call(EmptyReply.class, new DeviceReset());

            assertThat(state(client)).isEqualTo(RUNNING);
            assertThat(device.calls)
                    .containsExactly("quiesce", "stop", "reset DEVICE_RESET", "start", "resume");
            assertThat(server.devices()).hasSize(1);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "STOP_COPY, false",
        "STOP_COPY, true",
        "RESUMING, false",
        "PRE_COPY, true",
        "STOP, true",
    })
    void theNextClientFindsTheDeviceRunning(
            MigrationState left, boolean slow, @TempDir Path directory)
            throws IOException, InterruptedException {
        device.slow = slow;
        device.mayStop.countDown();
        try (var server = serve(directory.resolve("s"))) {
            try (var client = RawClient.attach(directory.resolve("s"), CLIENT)) {
                change(client, left);
            }
            device.awaitCall("detach");
            device.calls.clear();
            try (var client = RawClient.attach(directory.resolve("s"), CLIENT)) {
                assertThat(state(client)).isEqualTo(RUNNING);
                change(client, STOP_COPY);
                assertThat(readAll(client, 8192)).hasSize(MovingDevice.SIZE);
            }
            assertThat(server.devices()).hasSize(1);
        }
    }

    private VfioUserServer serve(Path socket) {
        var server = VfioUserServer.start(ServerOptions.defaults());
        server.serve("source", device, socket);
        return server;
    }

    private static void change(RawClient client, MigrationState state) throws IOException {
        DeviceFeature request = changeTo(state);
        var reply = client.call(DeviceFeature.Reply.class, request);
        assertThat(reply).isEqualTo(DeviceFeature.Reply.echo(request));
    }

    private static MigrationState state(RawClient client) throws IOException {
        var request =
                new DeviceFeature(
                        16, FeatureFlags.get(FEATURE_MIG_DEVICE_STATE), new Feature.None());
        var reply = client.call(DeviceFeature.Reply.class, request);
        return ((Feature.MigDeviceState) reply.feature()).state();
    }

    private static DeviceFeature changeTo(MigrationState state) {
        return new DeviceFeature(
                16,
                FeatureFlags.set(FEATURE_MIG_DEVICE_STATE),
                new Feature.MigDeviceState(state, 0));
    }

    private static byte[] readAll(RawClient client, int size) throws IOException {
        var all = new ByteArrayOutputStream();
        int count = size;
        while (count == size) {
            byte[] data =
                    ByteBufUtil.getBytes(
                            client.call(MigDataRead.Reply.class, new MigDataRead(size)).data());
            all.writeBytes(data);
            count = data.length;
        }
        return all.toByteArray();
    }

    private static MigDataWrite dataOf(byte[] data) {
        return new MigDataWrite(Unpooled.wrappedBuffer(data));
    }

    private static void load(RawClient client, byte[] data) throws IOException {
        for (int at = 0; at < Math.max(1, data.length); at += 8192) {
            byte[] piece = Arrays.copyOfRange(data, at, Math.min(data.length, at + 8192));
            client.call(EmptyReply.class, dataOf(piece));
        }
    }

    private static void write(RawClient client, byte[] registers) throws IOException {
        var write = new RegionWrite(0, 0, Unpooled.wrappedBuffer(registers));
        client.call(RegionWrite.Reply.class, write);
    }

    private static byte[] read(RawClient client) throws IOException {
        return readRegisters(client, MovingDevice.SIZE);
    }

    private static byte[] readRegisters(RawClient client, int count) throws IOException {
        var reply = client.call(RegionRead.Reply.class, new RegionRead(0, 0, count));
        return ByteBufUtil.getBytes(reply.data());
    }

    private static byte[] randomBytes(long seed) {
        byte[] bytes = new byte[MovingDevice.SIZE];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }
}
