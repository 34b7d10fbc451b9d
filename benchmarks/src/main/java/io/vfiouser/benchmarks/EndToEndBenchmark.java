package io.vfiouser.benchmarks;

import io.vfiouser.client.VfioUserClient;
import io.vfiouser.devices.testdev.TestDevice;
import io.vfiouser.server.VfioUserServer;
import io.vfiouser.server.options.ServerOptions;
import io.vfiouser.transport.BusyPoll;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// Whole accesses over a socket, from our own client to the test device in the same process: the
/// dispatch of commands, and what `benchmarks/compare` measures where there is no C compiler.
///
/// Client and server have a thread each; see what CPUs they get, or pin the process to one.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class EndToEndBenchmark {
    /// Whether the server polls without sleeping.
    @Param({"false", "true"})
    public boolean busyPoll;

    private final byte[] block = new byte[64 << 10];
    private final Path directory = temporaryDirectory();
    private final Path socket = directory.resolve("testdev.sock");
    private @Nullable VfioUserServer server;
    private @Nullable VfioUserClient client;

    /// Serves a device and connects to it.
    @Setup
    public void connect() {
        var started =
                VfioUserServer.start(
                        ServerOptions.defaults()
                                .withBusyPoll(busyPoll ? BusyPoll.ALWAYS : BusyPoll.NEVER));
        started.serve("testdev", new TestDevice(), socket);
        server = started;
        client = VfioUserClient.connect(socket);
    }

    /// Ends both.
    @TearDown
    public void close() throws IOException {
        client().close();
        Objects.requireNonNull(server).close();
        Files.delete(directory);
    }

    /// Reads a register.
    @Benchmark
    public long readRegister() {
        return client().read(0, 0, 4);
    }

    /// Writes a register.
    @Benchmark
    public void writeRegister() {
        client().write(0, 0, 4, 1);
    }

    /// Asks for the description of a region: a command that goes through the message records.
    @Benchmark
    public Object regionInfo() {
        return client().regionInfo(0);
    }

    /// Reads 64 KiB.
    @Benchmark
    public byte[] readBlock() {
        return client().readBytes(1, 0, block.length);
    }

    /// Writes 64 KiB.
    @Benchmark
    public void writeBlock() {
        client().writeBytes(1, 0, block);
    }

    private VfioUserClient client() {
        return Objects.requireNonNull(client);
    }

    private static Path temporaryDirectory() {
        try {
            return Files.createTempDirectory("vfio-user");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
