package io.vfiouser.testkit;

import io.vfiouser.client.RemoteMigration;
import io.vfiouser.client.VfioUserClient;
import io.vfiouser.device.Device;
import io.vfiouser.device.migration.SavePhase;
import io.vfiouser.protocol.MigrationState;
import io.vfiouser.server.VfioUserServer;
import io.vfiouser.server.options.ServerOptions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/// Two devices of a kind, each served on a socket with a client of its own, so that the state of
/// the one can move to the other as it does when a guest migrates.
///
/// ```java
/// try (var trip = MigrationRoundTrip.between(new GpioDevice(), new GpioDevice())) {
///     trip.source().write(2, 0, 1, 0x5a);
///     trip.move();
///     assertThat(trip.target().read(2, 0, 1)).isEqualTo(0x5a);
/// }
/// ```
///
/// The stream is read and written in pieces of odd and different sizes, as it has no framing: a
/// device that relies on how it is cut fails here. What a device refuses throws
/// [io.vfiouser.client.RemoteErrorException] with the errno.
public final class MigrationRoundTrip implements AutoCloseable {
    private static final String SOURCE = "source";
    private static final String TARGET = "target";
    private static final int[] READ_SIZES = {1, 3, 61, 997, 4096, 65_537};
    private static final int[] WRITE_SIZES = {2, 5, 127, 1009, 8192, 100_003};

    private final Path directory;
    private final VfioUserServer server;
    private final VfioUserClient source;
    private final VfioUserClient target;

    private MigrationRoundTrip(
            Path directory, VfioUserServer server, VfioUserClient source, VfioUserClient target) {
        this.directory = directory;
        this.server = server;
        this.source = source;
        this.target = target;
    }

    /// Serves both devices and connects to them.
    ///
    /// @param source has the state; closed by [#close()]
    /// @param target takes it; closed by [#close()]
    public static MigrationRoundTrip between(Device source, Device target) {
        Path directory = createDirectory();
        VfioUserServer server = VfioUserServer.start(ServerOptions.defaults());
        try {
            serve(directory, server, source, target);
            return connect(directory, server);
        } catch (Throwable thrown) {
            server.close();
            delete(directory);
            throw thrown;
        }
    }

    /// The client of the device that has the state.
    public VfioUserClient source() {
        return source;
    }

    /// The client of the device that takes it.
    public VfioUserClient target() {
        return target;
    }

    /// Stops the source, moves its state, and starts the target.
    public void move() {
        load(save(SavePhase.STOP_COPY));
        stop();
    }

    /// As [#move()], but with a first part that is saved while the source runs. For devices whose
    /// last part continues the first one.
    public void moveWithPreCopy() {
        byte[] first = save(SavePhase.PRE_COPY);
        byte[] last = save(SavePhase.STOP_COPY);
        byte[] state = Arrays.copyOf(first, first.length + last.length);
        System.arraycopy(last, 0, state, first.length, last.length);
        load(state);
        stop();
    }

    /// Takes the source into the state of a phase, and reads its stream to the end.
    public byte[] save(SavePhase phase) {
        RemoteMigration migration = source.migration();
        migration.changeState(
                switch (phase) {
                    case PRE_COPY -> MigrationState.PRE_COPY;
                    case STOP_COPY -> MigrationState.STOP_COPY;
                });
        var state = new ByteArrayOutputStream();
        for (int i = 0; ; i++) {
            int size = READ_SIZES[i % READ_SIZES.length];
            byte[] piece = migration.readData(size);
            state.writeBytes(piece);
            if (piece.length < size) {
                return state.toByteArray();
            }
        }
    }

    /// Loads a state into the target and starts it.
    ///
    /// @param state what [#save] returned, or anything else
    public void load(byte... state) {
        RemoteMigration migration = target.migration();
        migration.changeState(MigrationState.RESUMING);
        int done = 0;
        for (int i = 0; done < state.length; i++) {
            int end = Math.min(state.length, done + WRITE_SIZES[i % WRITE_SIZES.length]);
            migration.writeData(Arrays.copyOfRange(state, done, end));
            done = end;
        }
        migration.changeState(MigrationState.RUNNING);
    }

    /// Ends the source, as a client does once the target runs.
    public void stop() {
        source.migration().changeState(MigrationState.STOP);
    }

    /// Disconnects both clients and closes both devices.
    @Override
    public void close() {
        source.close();
        target.close();
        server.close();
        delete(directory);
    }

    private static void serve(Path directory, VfioUserServer server, Device source, Device target) {
        try {
            server.serve(SOURCE, source, directory.resolve(SOURCE));
        } catch (Throwable thrown) {
            target.close();
            throw thrown;
        }
        server.serve(TARGET, target, directory.resolve(TARGET));
    }

    private static MigrationRoundTrip connect(Path directory, VfioUserServer server) {
        VfioUserClient source = VfioUserClient.connect(directory.resolve(SOURCE));
        try {
            var target = VfioUserClient.connect(directory.resolve(TARGET));
            return new MigrationRoundTrip(directory, server, source, target);
        } catch (Throwable thrown) {
            source.close();
            throw thrown;
        }
    }

    private static Path createDirectory() {
        try {
            return Files.createTempDirectory("vfio-user-");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path directory) {
        try {
            Files.delete(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
