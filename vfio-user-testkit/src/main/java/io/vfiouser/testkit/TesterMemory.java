package io.vfiouser.testkit;

import com.google.errorprone.annotations.MustBeClosed;
import io.vfiouser.device.memory.AccessMode;
import io.vfiouser.device.memory.DmaRange;
import io.vfiouser.device.memory.GuestMemory;
import io.vfiouser.device.memory.Iova;
import io.vfiouser.device.memory.Lease;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.os.Errno;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// Client memory made of segments of the test. Transfers by message complete in a later task, as
/// they do over a socket.
final class TesterMemory implements GuestMemory {
    private final TesterLoop loop;
    private final List<MappedRange> mapped = new ArrayList<>();
    private final List<TesterLease> leases = new ArrayList<>();
    private final List<DmaMessage> messages = new ArrayList<>();

    TesterMemory(TesterLoop loop) {
        this.loop = loop;
    }

    void map(DmaRange range, MemorySegment bytes) {
        for (MappedRange other : mapped) {
            if (overlaps(other.range(), range)) {
                throw new IllegalArgumentException(
                        "range: " + range + " (expected: no overlap with " + other.range() + ")");
            }
        }
        mapped.add(new MappedRange(range, bytes));
    }

    DmaRange range(long iova) {
        return mapped.stream()
                .map(MappedRange::range)
                .filter(range -> range.iova() == iova)
                .findFirst()
                .orElseThrow(() ->
                        new IllegalArgumentException(
                                "iova: "
                                        + Iova.hex(iova)
                                        + " (expected: the start of one of "
                                        + ranges()
                                        + ")"));
    }

    void unmap(DmaRange range) {
        mapped.removeIf(other -> other.range().equals(range));
    }

    /// The leases of a range, or of all memory, that the device has not closed.
    List<TesterLease> openLeases(Optional<DmaRange> range) {
        return leases.stream()
                .filter(lease -> range.isEmpty() || lease.touches(range.get()))
                .toList();
    }

    List<DmaMessage> drainMessages() {
        List<DmaMessage> all = List.copyOf(messages);
        messages.clear();
        return all;
    }

    @Override
    @MustBeClosed
    public Lease lease(long iova, long length, AccessMode mode) {
        return open(iova, length, mode);
    }

    private Lease open(long iova, long length, AccessMode mode) {
        List<Piece> pieces = pieces(iova, length, mode);
        for (Piece piece : pieces) {
            if (!piece.in().range().direct()) {
                throw new DeviceException(
                        Errno.EFAULT,
                        "iova: " + Iova.hex(piece.iova()) + " (expected: mapped memory)");
            }
        }
        List<MemorySegment> segments =
                pieces.stream()
                        .map(piece -> mode.writes() ? piece.bytes() : piece.bytes().asReadOnly())
                        .toList();
        var lease = new TesterLease(iova, length, segments, leases::remove);
        leases.add(lease);
        return lease;
    }

    /// Nobody logs here, so it is a lease as any other.
    @Override
    public Lease standingLease(long iova, long length, AccessMode mode) {
        return open(iova, length, mode);
    }

    @Override
    public Completion read(long iova, MemorySegment into) {
        List<Piece> pieces = pieces(iova, into.byteSize(), AccessMode.READ);
        return transfer(pieces, into, false, DmaMessage.Direction.READ);
    }

    @Override
    public Completion write(long iova, MemorySegment from) {
        List<Piece> pieces = pieces(iova, from.byteSize(), AccessMode.WRITE);
        return transfer(pieces, from, false, DmaMessage.Direction.WRITE);
    }

    @Override
    public Completion readByMessage(long iova, MemorySegment into) {
        List<Piece> pieces = pieces(iova, into.byteSize(), AccessMode.READ);
        return transfer(pieces, into, true, DmaMessage.Direction.READ);
    }

    @Override
    public Completion writeByMessage(long iova, MemorySegment from) {
        List<Piece> pieces = pieces(iova, from.byteSize(), AccessMode.WRITE);
        return transfer(pieces, from, true, DmaMessage.Direction.WRITE);
    }

    /// Nobody logs here; only the range is checked.
    @Override
    public void markDirty(long iova, long length) {
        if (!isDirect(iova, length, AccessMode.WRITE)) { // which makes no objects
            pieces(iova, length, AccessMode.WRITE);
        }
    }

    @Override
    public boolean isDirect(long iova, long length, AccessMode mode) {
        long at = iova;
        for (long left = length; left > 0; ) {
            MappedRange in = find(at);
            if (in == null || !in.range().direct() || !in.allows(mode)) {
                return false;
            }
            long size = Math.min(left, in.left(at));
            at += size;
            left -= size;
        }
        return true;
    }

    @Override
    public List<DmaRange> ranges() {
        return mapped.stream().map(MappedRange::range).toList();
    }

    private Completion transfer(
            List<Piece> pieces,
            MemorySegment device,
            boolean byMessage,
            DmaMessage.Direction direction) {
        BiConsumer<MemorySegment, MemorySegment> copy =
                direction == DmaMessage.Direction.READ
                        ? (client, own) -> own.copyFrom(client)
                        : (client, own) -> client.copyFrom(own);
        Completion all = Completion.DONE;
        long offset = 0;
        for (Piece piece : pieces) {
            MemorySegment part = device.asSlice(offset, piece.bytes().byteSize());
            offset += part.byteSize();
            if (byMessage || !piece.in().range().direct()) {
                all = all.then(() -> message(direction, piece, part, copy));
            } else {
                all =
                        all.then(() -> {
                            copy.accept(piece.bytes(), part);
                            return Completion.DONE;
                        });
            }
        }
        return all;
    }

    private Completion message(
            DmaMessage.Direction direction,
            Piece piece,
            MemorySegment part,
            BiConsumer<MemorySegment, MemorySegment> copy) {
        messages.add(new DmaMessage(direction, piece.iova(), part.byteSize()));
        var answered = new CompletableFuture<Boolean>();
        loop.execute(() -> {
            copy.accept(piece.bytes(), part);
            answered.complete(true);
        });
        return Completion.after(answered);
    }

    /// A range cut at the borders of the client's regions, all of it checked.
    private List<Piece> pieces(long iova, long length, AccessMode mode) {
        var pieces = new ArrayList<Piece>();
        long at = iova;
        for (long left = length; left > 0; ) {
            MappedRange in = find(at);
            if (in == null) {
                throw new DeviceException(
                        Errno.ENOENT,
                        "iova: " + Iova.hex(at) + " (expected: an address in a region)");
            }
            if (!in.allows(mode)) {
                throw new DeviceException(
                        Errno.EACCES,
                        "iova: " + Iova.hex(at) + " (expected: a region that allows " + mode + ")");
            }
            long size = Math.min(left, in.left(at));
            pieces.add(new Piece(at, in, in.bytes().asSlice(at - in.range().iova(), size)));
            at += size;
            left -= size;
        }
        return pieces;
    }

    private @Nullable MappedRange find(long iova) {
        for (MappedRange candidate : mapped) {
            DmaRange range = candidate.range();
            if (Iova.contains(range.iova(), range.length(), iova, 1)) {
                return candidate;
            }
        }
        return null;
    }

    private static boolean overlaps(DmaRange a, DmaRange b) {
        return Iova.contains(a.iova(), a.length(), b.iova(), 1)
                || Iova.contains(b.iova(), b.length(), a.iova(), 1);
    }

    private record MappedRange(DmaRange range, MemorySegment bytes) {
        long left(long iova) {
            return range.length() - (iova - range.iova());
        }

        boolean allows(AccessMode mode) {
            return (!mode.reads() || range.readable()) && (!mode.writes() || range.writable());
        }
    }

    private record Piece(long iova, MappedRange in, MemorySegment bytes) {}
}
