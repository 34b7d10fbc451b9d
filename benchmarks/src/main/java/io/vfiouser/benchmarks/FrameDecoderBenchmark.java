package io.vfiouser.benchmarks;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.vfiouser.codec.FrameDecoder;
import io.vfiouser.codec.FrameHandler;
import io.vfiouser.codec.FrameLimits;
import io.vfiouser.codec.MessageEncoder;
import io.vfiouser.codec.ProtocolViolationException;
import io.vfiouser.os.FdBundle;
import io.vfiouser.protocol.MessageHeader;
import io.vfiouser.protocol.RegionRead;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// What cutting the stream costs a message: 64 REGION_READs that came in one read.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class FrameDecoderBenchmark implements FrameHandler {
    private static final int MESSAGES = 64;

    private final ByteBuf received = Unpooled.directBuffer();
    private EmbeddedChannel channel = new EmbeddedChannel();
    private long commands;

    /// Encodes the messages.
    @Setup
    public void encode() {
        for (int id = 0; id < MESSAGES; id++) {
            MessageEncoder.encode(received, id, new RegionRead(0, 16, 4), false);
        }
        channel = new EmbeddedChannel(new FrameDecoder(this, FrameLimits.DEFAULT));
    }

    /// Frees them.
    @TearDown
    public void free() {
        channel.finishAndReleaseAll();
        received.release();
    }

    /// Decodes them all; the time is that of one.
    @Benchmark
    @OperationsPerInvocation(MESSAGES)
    public long decode() {
        received.readerIndex(0);
        channel.pipeline().fireChannelRead(received.retain());
        return commands;
    }

    @Override
    public void frame(ByteBuf frame, FdBundle descriptors) {
        commands += MessageHeader.commandId(frame, frame.readerIndex());
    }

    @Override
    public void framesDone() {
        // Nothing is held back.
    }

    @Override
    public void streamViolated(ProtocolViolationException cause) {
        throw new AssertionError(cause);
    }

    @Override
    public void streamEnded() {
        // The benchmark is over.
    }
}
