package io.vfiouser.nvme;

import io.vfiouser.client.RemoteIrq;
import java.time.Duration;
import java.util.Optional;

/// An I/O queue pair of a controller.
///
/// With several commands in flight: `submit..` puts commands into the queue, [#ring()] tells the
/// controller, [#poll(CompletionListener)] takes what is done. None of these allocates anything if
/// doorbells are mapped. One at a time: [#read], [#write] and the others wait for the end and throw
/// [NvmeStatusException] if it is not a good one.
///
/// One thread at a time. Data begins at a multiple of 4 bytes in its buffer and stays untouched
/// while the command is in flight.
public final class NvmeQueue implements AutoCloseable {
    private static final int DEALLOCATE_ATTRIBUTE = 1 << 2;
    private static final int DEALLOCATE_FLAG = 1 << 25;
    private static final int ALIGNMENT = 4;
    private static final int MAX_BLOCKS = 1 << 16;

    private final NvmeInitiator owner;
    private final QueuePair pair;
    private final DataPointers pointers;
    private final Optional<RemoteIrq> irq;
    private final DmaBuffer range;
    private final int maxTransfer;
    private final Duration timeout;
    private final Patience patience;
    private final CompletionListener ending = this::ended;
    private int lastStatus;
    private boolean closed;

    NvmeQueue(
            NvmeInitiator owner,
            QueuePair pair,
            DataPointers pointers,
            Optional<RemoteIrq> irq,
            DmaBuffer range,
            int maxTransfer,
            Duration timeout) {
        this.owner = owner;
        this.pair = pair;
        this.pointers = pointers;
        this.irq = irq;
        this.range = range;
        this.maxTransfer = maxTransfer;
        this.timeout = timeout;
        this.patience = new Patience(timeout);
    }

    /// The queue id, 1 or above.
    public int id() {
        return pair.id();
    }

    /// Commands that may be in flight; ids of commands are below it.
    public int depth() {
        return pair.depth();
    }

    /// Commands in flight.
    public int inFlight() {
        return pair.inFlight();
    }

    /// Bytes that one command may transfer.
    public int maxTransfer() {
        return maxTransfer;
    }

    /// Puts a Read into the queue.
    ///
    /// @param blocks 1 to 65536
    /// @param offset in `into`, where the first block goes
    /// @return the command id
    /// @throws IllegalStateException if as many commands as possible are in flight
    public int submitRead(
            NvmeNamespace namespace, long lba, int blocks, DmaBuffer into, long offset) {
        return submitData(Opcode.READ, namespace, lba, blocks, into, offset);
    }

    /// Puts a Write into the queue.
    ///
    /// @param blocks 1 to 65536
    /// @param offset in `from`, where the first block is
    /// @return the command id
    /// @throws IllegalStateException if as many commands as possible are in flight
    public int submitWrite(
            NvmeNamespace namespace, long lba, int blocks, DmaBuffer from, long offset) {
        return submitData(Opcode.WRITE, namespace, lba, blocks, from, offset);
    }

    /// Puts a Compare into the queue, which ends with Compare Failure if the data differ.
    ///
    /// @param blocks 1 to 65536
    /// @param offset in `with`, where the first block is
    /// @return the command id
    /// @throws IllegalStateException if as many commands as possible are in flight
    public int submitCompare(
            NvmeNamespace namespace, long lba, int blocks, DmaBuffer with, long offset) {
        return submitData(Opcode.COMPARE, namespace, lba, blocks, with, offset);
    }

    /// Puts a Flush into the queue.
    ///
    /// @return the command id
    /// @throws IllegalStateException if as many commands as possible are in flight
    public int submitFlush(NvmeNamespace namespace) {
        return pair.submit(Opcode.FLUSH, namespace.id(), 0, 0, 0, 0);
    }

    /// Puts a Write Zeroes into the queue.
    ///
    /// @param blocks 1 to 65536
    /// @param deallocate whether the controller may give the room back
    /// @return the command id
    /// @throws IllegalStateException if as many commands as possible are in flight
    public int submitWriteZeroes(
            NvmeNamespace namespace, long lba, int blocks, boolean deallocate) {
        checkBlocks(blocks);
        int flags = deallocate ? DEALLOCATE_FLAG : 0;
        return pair.submit(Opcode.WRITE_ZEROES, namespace.id(), 0, 0, lba, flags | (blocks - 1));
    }

    /// Rings the doorbell if commands were put into the queue since it was rung last.
    public void ring() {
        pair.ring();
    }

    /// Takes the completions that are there, without waiting.
    ///
    /// @return how many
    /// @throws ControllerException for one of a command that is not in flight
    public int poll(CompletionListener listener) {
        return pair.poll(listener);
    }

    /// Waits until there are completions, and takes them: by interrupt, or by looking again and
    /// again.
    ///
    /// @return how many
    /// @throws ControllerException if none comes within the timeout of the initiator
    public int await(CompletionListener listener) {
        int taken = pair.poll(listener);
        if (taken > 0) {
            return taken;
        }
        return irq.isPresent() ? awaitInterrupt(irq.get(), listener) : awaitPolling(listener);
    }

    /// Reads blocks and waits.
    ///
    /// @throws NvmeStatusException if the controller refuses
    public void read(NvmeNamespace namespace, long lba, int blocks, DmaBuffer into, long offset) {
        checkIdle();
        var _ = submitRead(namespace, lba, blocks, into, offset);
        finish("Read");
    }

    /// Writes blocks and waits.
    ///
    /// @throws NvmeStatusException if the controller refuses
    public void write(NvmeNamespace namespace, long lba, int blocks, DmaBuffer from, long offset) {
        checkIdle();
        var _ = submitWrite(namespace, lba, blocks, from, offset);
        finish("Write");
    }

    /// Compares blocks with memory and waits.
    ///
    /// @throws NvmeStatusException with Compare Failure if they differ
    public void compare(
            NvmeNamespace namespace, long lba, int blocks, DmaBuffer with, long offset) {
        checkIdle();
        var _ = submitCompare(namespace, lba, blocks, with, offset);
        finish("Compare");
    }

    /// Has what was written made durable, and waits.
    ///
    /// @throws NvmeStatusException if the controller refuses
    public void flush(NvmeNamespace namespace) {
        checkIdle();
        var _ = submitFlush(namespace);
        finish("Flush");
    }

    /// Makes blocks zero and waits.
    ///
    /// @throws NvmeStatusException if the controller refuses
    public void writeZeroes(NvmeNamespace namespace, long lba, int blocks, boolean deallocate) {
        checkIdle();
        var _ = submitWriteZeroes(namespace, lba, blocks, deallocate);
        finish("Write Zeroes");
    }

    /// Tells the controller that blocks are not used any more (Dataset Management), and waits.
    ///
    /// @param blocks 1 to 2^32 - 1
    /// @throws NvmeStatusException if the controller refuses
    public void deallocate(NvmeNamespace namespace, long lba, long blocks) {
        if (blocks < 1 || blocks > 0xffff_ffffL) {
            throw new IllegalArgumentException(
                    "blocks: " + blocks + " (expected: 1 to 4294967295)");
        }
        checkIdle();
        range.segment().set(Words.INT, 0, 0);
        range.segment().set(Words.INT, 4, (int) blocks);
        range.segment().set(Words.LONG, 8, lba);
        long first = pointers.describe(pair.nextId(), range.iova(), Long.BYTES * 2);
        long attributes = (long) DEALLOCATE_ATTRIBUTE << Integer.SIZE;
        var _ =
                pair.submit(
                        Opcode.DATASET_MANAGEMENT | pointers.kind(),
                        namespace.id(),
                        first,
                        pointers.second(),
                        attributes,
                        0);
        finish("Dataset Management");
    }

    /// Deletes both queues, unless the connection is gone, and gives their memory back; idempotent.
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            owner.delete(this);
        }
    }

    void free() {
        closed = true;
        pointers.close();
        range.close();
        pair.close();
    }

    Optional<RemoteIrq> irq() {
        return irq;
    }

    private int submitData(
            int opcode,
            NvmeNamespace namespace,
            long lba,
            int blocks,
            DmaBuffer data,
            long offset) {
        checkBlocks(blocks);
        long length = (long) blocks * namespace.blockSize();
        if (length > maxTransfer || offset % ALIGNMENT != 0) {
            throw transfer(length, offset);
        }
        long first = pointers.describe(pair.nextId(), data.address(offset, length), length);
        return pair.submit(
                opcode | pointers.kind(),
                namespace.id(),
                first,
                pointers.second(),
                lba,
                blocks - 1);
    }

    private IllegalArgumentException transfer(long length, long offset) {
        return new IllegalArgumentException(
                "transfer: %d bytes at offset 0x%x (expected: at most %d, offset a multiple of 4)"
                        .formatted(length, offset, maxTransfer));
    }

    private static void checkBlocks(int blocks) {
        if (blocks < 1 || blocks > MAX_BLOCKS) {
            throw new IllegalArgumentException(
                    "blocks: " + blocks + " (expected: 1 to " + MAX_BLOCKS + ")");
        }
    }

    private void checkIdle() {
        if (pair.inFlight() != 0) {
            throw new IllegalStateException(
                    "queue %d: %d commands in flight (expected: none)"
                            .formatted(id(), pair.inFlight()));
        }
    }

    private void finish(String command) {
        pair.ring();
        await(ending);
        if (lastStatus != 0) {
            throw new NvmeStatusException(command, lastStatus);
        }
    }

    private void ended(int commandId, int status, int result) {
        lastStatus = status;
    }

    private int awaitPolling(CompletionListener listener) {
        patience.begin();
        while (true) {
            int taken = pair.poll(listener);
            if (taken > 0) {
                return taken;
            }
            if (!patience.pause()) {
                throw owner.noCompletion(this, timeout);
            }
        }
    }

    private int awaitInterrupt(RemoteIrq interrupts, CompletionListener listener) {
        long deadline = System.nanoTime() + timeout.toNanos();
        while (true) {
            Duration left = Duration.ofNanos(Math.max(deadline - System.nanoTime(), 0));
            long came = interrupts.await(left);
            int taken = pair.poll(listener);
            if (taken > 0) {
                return taken;
            }
            if (came == 0) {
                throw owner.noCompletion(this, timeout);
            }
        }
    }
}
