package io.vfiouser.blocktest;

import io.vfiouser.devices.block.BlockBackend;
import io.vfiouser.devices.block.BlockRequest;
import io.vfiouser.devices.block.BlockStatus;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// A request whose end a test can wait for.
public final class TestRequest extends BlockRequest {
    private static final int WAIT_SECONDS = 30;

    private final AtomicInteger completions = new AtomicInteger();
    private volatile CompletableFuture<BlockStatus> result = new CompletableFuture<>();

    /// An idle request.
    public TestRequest() {}

    /// A read of all of `into`.
    public static TestRequest read(long offset, MemorySegment into) {
        var request = new TestRequest();
        request.read(offset, into.byteSize()).data().add(into, 0, into.byteSize());
        return request;
    }

    /// A write of all of `from`.
    public static TestRequest write(long offset, MemorySegment from) {
        return write(offset, from, false);
    }

    /// A write of all of `from`.
    public static TestRequest write(long offset, MemorySegment from, boolean fua) {
        var request = new TestRequest();
        request.write(offset, from.byteSize(), fua).data().add(from, 0, from.byteSize());
        return request;
    }

    /// A flush.
    public static TestRequest flushing() {
        var request = new TestRequest();
        request.flush();
        return request;
    }

    /// A deallocation.
    public static TestRequest deallocating(long offset, long length) {
        var request = new TestRequest();
        request.deallocate(offset, length);
        return request;
    }

    /// A write of zeros.
    public static TestRequest zeroing(long offset, long length, boolean mayDeallocate) {
        var request = new TestRequest();
        request.writeZeroes(offset, length, false, mayDeallocate);
        return request;
    }

    /// Submits it and waits for its end.
    public BlockStatus run(BlockBackend backend) {
        submitTo(backend);
        backend.submitted();
        return await();
    }

    /// Submits it, so that [#await()] waits for this submission.
    public TestRequest submitTo(BlockBackend backend) {
        result = new CompletableFuture<>();
        backend.submit(this);
        return this;
    }

    /// Waits for the end.
    public BlockStatus await() {
        return result.orTimeout(WAIT_SECONDS, TimeUnit.SECONDS).join();
    }

    /// Whether it has ended.
    public boolean isDone() {
        return result.isDone();
    }

    /// How often it has ended.
    public int completions() {
        return completions.get();
    }

    @Override
    protected void completed(BlockStatus status) {
        completions.incrementAndGet();
        result.complete(status);
    }
}
