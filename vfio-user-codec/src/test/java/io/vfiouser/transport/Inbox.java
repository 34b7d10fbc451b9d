package io.vfiouser.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.vfiouser.os.FdBundle;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/// Keeps everything that a channel's pipeline brings, for a test to wait for.
final class Inbox extends ChannelInboundHandlerAdapter {
    private static final long PATIENCE_SECONDS = 30;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private byte[] bytes = new byte[1024];
    private int size;
    private int reads;
    private int writabilityChanges;
    private boolean inactive;
    private final Queue<FdBundle> bundles = new ArrayDeque<>();
    private final List<Object> events = new ArrayList<>();
    private final List<Throwable> failures = new ArrayList<>();

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        locked(() -> {
            reads++;
            switch (message) {
                case ByteBuf plain -> {
                    append(plain);
                    plain.release();
                }
                case Chunk chunk -> {
                    append(chunk.bytes());
                    bundles.add(chunk.takeDescriptors());
                    chunk.release();
                }
                default -> throw new AssertionError(message);
            }
        });
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        locked(() -> events.add(event));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        locked(() -> failures.add(cause));
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        locked(() -> writabilityChanges++);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        locked(() -> inactive = true);
    }

    /// Waits until `count` bytes have come in all and returns everything that has come.
    byte[] awaitBytes(int count) {
        await(() -> size >= count);
        lock.lock();
        try {
            return Arrays.copyOf(bytes, size);
        } finally {
            lock.unlock();
        }
    }

    /// Waits for the next descriptors and takes them.
    FdBundle awaitDescriptors() {
        await(() -> !bundles.isEmpty());
        lock.lock();
        try {
            return bundles.remove();
        } finally {
            lock.unlock();
        }
    }

    /// Closes the descriptors that nobody has taken.
    void closeDescriptors() {
        locked(() -> {
            bundles.forEach(FdBundle::close);
            bundles.clear();
        });
    }

    void awaitEvent(Object event) {
        await(() -> events.contains(event));
    }

    List<Throwable> awaitFailures(int count) {
        await(() -> failures.size() >= count);
        return failures;
    }

    void awaitInactive() {
        await(() -> inactive);
    }

    void awaitWritabilityChanges(int count) {
        await(() -> writabilityChanges >= count);
    }

    int reads() {
        lock.lock();
        try {
            return reads;
        } finally {
            lock.unlock();
        }
    }

    List<Object> events() {
        lock.lock();
        try {
            return List.copyOf(events);
        } finally {
            lock.unlock();
        }
    }

    private void append(ByteBuf more) {
        int count = more.readableBytes();
        if (bytes.length - size < count) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + count));
        }
        more.readBytes(bytes, size, count);
        size += count;
    }

    private void locked(Runnable change) {
        lock.lock();
        try {
            change.run();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void await(BooleanSupplier condition) {
        lock.lock();
        try {
            long left = TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
            while (!condition.getAsBoolean()) {
                if (left <= 0) {
                    throw new AssertionError(
                            "nothing came for %d s: bytes=%d, reads=%d, events=%s, failures=%s"
                                    .formatted(PATIENCE_SECONDS, size, reads, events, failures));
                }
                left = changed.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        } finally {
            lock.unlock();
        }
    }
}
