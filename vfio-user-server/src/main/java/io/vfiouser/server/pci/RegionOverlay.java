package io.vfiouser.server.pci;

import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.region.RegionHandler;
import io.vfiouser.device.region.Register;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executor;

/// Lays handlers over parts of another one: what falls into a window goes to the window's handler,
/// all else to the one below, unchanged. An access that straddles is cut, and its pieces are done
/// one after the other; what one of them throws ends it.
final class RegionOverlay implements RegionHandler {
    private final RegionHandler below;
    private final List<Window> windows;
    private final Executor loop;

    private RegionOverlay(RegionHandler below, List<Window> windows, Executor loop) {
        this.below = below;
        this.windows = windows;
        this.loop = loop;
    }

    /// Bytes that one handler answers for.
    ///
    /// @param base where the handler counts its offsets from
    /// @param from the first byte
    /// @param end the byte after the last
    record Window(long base, long from, long end, RegionHandler handler) {
        /// A window that is all of its handler's.
        static Window of(long base, long size, RegionHandler handler) {
            return new Window(base, base, base + size, handler);
        }
    }

    /// The handler of the whole: `below` itself if there are no windows.
    ///
    /// @param windows without overlap
    /// @param loop the device's loop: a piece that follows one that was completed later runs there
    static RegionHandler over(RegionHandler below, List<Window> windows, Executor loop) {
        Objects.requireNonNull(below, "below");
        Objects.requireNonNull(loop, "loop");
        return windows.isEmpty() ? below : new RegionOverlay(below, List.copyOf(windows), loop);
    }

    @Override
    public Completion read(long offset, MemorySegment into) {
        return touchesWindow(offset, into.byteSize())
                ? inPieces(RegionHandler::read, offset, into)
                : below.read(offset, into);
    }

    @Override
    public Completion write(long offset, MemorySegment from) {
        return touchesWindow(offset, from.byteSize())
                ? inPieces(RegionHandler::write, offset, from)
                : below.write(offset, from);
    }

    @Override
    public Optional<Register> registerAt(long offset) {
        Window window = windowAt(offset);
        return window.handler().registerAt(offset - window.base());
    }

    private Completion inPieces(Transfer transfer, long offset, MemorySegment data) {
        long size = data.byteSize();
        Completion completion = Completion.DONE;
        long done = 0;
        while (done < size && completion instanceof Completion.Done) {
            Window window = windowAt(offset + done);
            long end = Math.min(size, window.end() - offset);
            completion =
                    transfer.move(
                            window.handler(),
                            offset + done - window.base(),
                            data.asSlice(done, end - done));
            done = end;
        }
        return done < size ? afterwards(completion, transfer, offset, data, done) : completion;
    }

    /// Goes on at `done` when `pending` is.
    private Completion afterwards(
            Completion pending, Transfer transfer, long offset, MemorySegment data, long done) {
        return Completion.after(
                pending.stage()
                        .thenComposeAsync(
                                _ -> inPieces(transfer, offset + done, data.asSlice(done)).stage(),
                                loop));
    }

    private boolean touchesWindow(long offset, long size) {
        for (int i = 0; i < windows.size(); i++) {
            Window window = windows.get(i);
            if (offset < window.end() && offset + size > window.from()) {
                return true;
            }
        }
        return false;
    }

    /// The window that has `offset`, or the part below from the start to the next window.
    private Window windowAt(long offset) {
        long end = Long.MAX_VALUE;
        for (Window window : windows) {
            if (offset >= window.from() && offset < window.end()) {
                return window;
            }
            if (offset < window.from()) {
                end = Math.min(end, window.from());
            }
        }
        return new Window(0, 0, end, below);
    }

    /// A read or a write.
    private interface Transfer {
        Completion move(RegionHandler handler, long offset, MemorySegment data);
    }
}
