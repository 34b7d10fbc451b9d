package io.vfiouser.devices.nvme.engine;

import io.vfiouser.devices.block.BlockRequest;
import io.vfiouser.devices.block.BlockStatus;
import io.vfiouser.devices.nvme.guest.Extents;
import io.vfiouser.devices.nvme.namespace.Namespace;
import io.vfiouser.devices.nvme.queue.SubmissionEntry;
import io.vfiouser.devices.nvme.queue.SubmissionQueue;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A command at work: the copy of its entry, the guest memory that it means, and the request to the
/// storage that it is at the same time. Pooled, so that a command costs no object.
///
/// All but [#completed] belongs to the device's loop.
public final class Command extends BlockRequest {
    private final Engine engine;
    private final SubmissionEntry entry = new SubmissionEntry();
    private final Extents extents = new Extents();
    private @Nullable SubmissionQueue queue;
    private @Nullable Namespace namespace;
    private @Nullable MemorySegment buffer;
    private boolean lent;
    private long awaitedSize;
    private @Nullable CommandHandler awaiting;
    private @Nullable Step step;
    private BlockStatus outcome = BlockStatus.OK;
    private int status;
    private long result;
    private long cursor;
    private @Nullable Command partner;

    /// The next one in whatever list it is in; it is in one at a time.
    @Nullable Command next;

    Command(Engine engine) {
        this.engine = engine;
    }

    /// What the host asked for.
    public SubmissionEntry entry() {
        return entry;
    }

    /// The guest memory that its data pointer means.
    public Extents extents() {
        return extents;
    }

    /// The queue that it came from.
    ///
    /// @throws NullPointerException for a command of the controller's own
    public SubmissionQueue queue() {
        return Objects.requireNonNull(queue, "queue");
    }

    /// The namespace that it is for.
    ///
    /// @throws NullPointerException if none has been set
    public Namespace namespace() {
        return Objects.requireNonNull(namespace, "namespace");
    }

    /// Notes the namespace that it is for.
    public void setNamespace(Namespace namespace) {
        leaveNamespace();
        this.namespace = namespace;
        namespace.begin();
    }

    /// It is no longer at work for a namespace.
    void leaveNamespace() {
        Namespace left = namespace;
        if (left != null) {
            namespace = null;
            left.end();
        }
    }

    /// A buffer of its own, for data that cannot go between storage and guest directly.
    ///
    /// @throws NullPointerException if none has been set
    public MemorySegment buffer() {
        return Objects.requireNonNull(buffer, "buffer");
    }

    /// Gives it a buffer until it is finished.
    public void setBuffer(MemorySegment buffer) {
        this.buffer = buffer;
    }

    /// Gives it a buffer of the pool's.
    void lend(MemorySegment buffer) {
        this.buffer = buffer;
        lent = true;
    }

    /// Its buffer, if that is the pool's; it has none any more.
    @Nullable MemorySegment takeLent() {
        MemorySegment taken = lent ? buffer : null;
        if (lent) {
            lent = false;
            buffer = null;
        }
        return taken;
    }

    /// It waits for a buffer.
    ///
    /// @param then goes on with it
    void await(long size, CommandHandler then) {
        awaitedSize = size;
        awaiting = then;
    }

    /// Bytes of the buffer that it waits for.
    long awaitedSize() {
        return awaitedSize;
    }

    /// What goes on with it once it has a buffer.
    CommandHandler afterBuffer() {
        return Objects.requireNonNull(awaiting, "awaiting");
    }

    /// Where a command of several steps has got to.
    public long cursor() {
        return cursor;
    }

    /// Notes where a command of several steps has got to.
    public void setCursor(long cursor) {
        this.cursor = cursor;
    }

    /// What the completion entry brings: dword 0 in the lower half.
    public void setResult(long result) {
        this.result = result;
    }

    /// The other command of a fused pair, if this is one of a pair.
    public @Nullable Command partner() {
        return partner;
    }

    /// Makes it one of a fused pair, or (null) no longer.
    public void setPartner(@Nullable Command partner) {
        this.partner = partner;
    }

    @Override
    protected void completed(BlockStatus status) {
        outcome = status;
        engine.returned(this);
    }

    void begin(SubmissionQueue from) {
        queue = from;
        result = 0;
        status = 0;
        cursor = 0;
    }

    /// Forgets what it was, and the memory that it held.
    void clear() {
        queue = null;
        leaveNamespace();
        buffer = null;
        awaiting = null;
        step = null;
        partner = null;
        data().clear();
        extents.trim();
    }

    boolean isOfQueue(SubmissionQueue other) {
        return queue == other;
    }

    boolean isOfHost() {
        return queue != null;
    }

    void setStep(Step step) {
        this.step = step;
    }

    void runStep() {
        Objects.requireNonNull(step, "step").run(this, outcome);
    }

    int status() {
        return status;
    }

    void setStatus(int status) {
        this.status = status;
    }

    long result() {
        return result;
    }
}
