package io.vfiouser.cli;

import io.vfiouser.cli.failure.UsageException;
import io.vfiouser.cli.text.Progress;
import io.vfiouser.nvme.DmaBuffer;
import io.vfiouser.nvme.NvmeNamespace;
import io.vfiouser.nvme.NvmeQueue;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Copies between a stream and the blocks of a namespace, one command at a time.
record NvmeTransfer(NvmeQueue queue, NvmeNamespace namespace, DmaBuffer buffer) {
    /// What uses a transfer.
    @FunctionalInterface
    interface Job {
        void run(NvmeTransfer transfer);
    }

    /// Checks that a range consists of whole blocks within the namespace.
    ///
    /// @throws UsageException if not
    void check(long offset, long length) {
        int block = namespace.blockSize();
        if (offset % block != 0 || length % block != 0 || offset > namespace.size() - length) {
            throw new UsageException(
                    "--offset, --length: %d, %d (expected: multiples of %d, within %d)"
                            .formatted(offset, length, block, namespace.size()));
        }
    }

    /// Reads blocks.
    void read(long offset, long length, OutputStream to) throws IOException {
        try (var progress = Progress.ofBytes("read", length)) {
            for (long done = 0; done < length; ) {
                int part = (int) Math.min(length - done, queue.maxTransfer());
                queue.read(namespace, lba(offset + done), blocks(part), buffer, 0);
                to.write(buffer.segment().asSlice(0, part).toArray(ValueLayout.JAVA_BYTE));
                done += part;
                progress.at(done);
            }
        }
        to.flush();
    }

    /// Writes blocks and flushes them.
    ///
    /// @throws EOFException if the stream has less
    void write(long offset, long length, InputStream from) throws IOException {
        try (var progress = Progress.ofBytes("write", length)) {
            for (long done = 0; done < length; ) {
                int part = (int) Math.min(length - done, queue.maxTransfer());
                byte[] bytes = from.readNBytes(part);
                if (bytes.length < part) {
                    throw new EOFException(
                            "input: %d bytes (expected: %d)"
                                    .formatted(done + bytes.length, length));
                }
                MemorySegment.copy(
                        bytes, 0, buffer.segment(), ValueLayout.JAVA_BYTE, 0, bytes.length);
                queue.write(namespace, lba(offset + done), blocks(part), buffer, 0);
                done += part;
                progress.at(done);
            }
        }
        queue.flush(namespace);
    }

    private long lba(long offset) {
        return offset / namespace.blockSize();
    }

    private int blocks(int bytes) {
        return bytes / namespace.blockSize();
    }
}
