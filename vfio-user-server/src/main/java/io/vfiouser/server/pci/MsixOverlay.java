package io.vfiouser.server.pci;

import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.region.RegionHandler;
import io.vfiouser.device.region.Register;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executor;

/// Lays an [MsixTable] over a device's handler of a BAR: what falls into the table or the pending
/// bits goes there, all else to the device, unchanged. An access that straddles is cut, and its
/// pieces are done one after the other.
public final class MsixOverlay implements RegionHandler {
    private final RegionHandler device;
    private final List<Window> windows;
    private final Executor loop;

    private MsixOverlay(RegionHandler device, List<Window> windows, Executor loop) {
        this.device = device;
        this.windows = windows;
        this.loop = loop;
    }

    /// The handler for one BAR: `device` itself if neither table nor pending bits lie in it.
    ///
    /// @param bar index of the BAR, 0 to 5
    /// @param device the device's handler for that BAR
    /// @param loop the device's loop: a piece that follows one that the device completed later runs
    ///   there
    public static RegionHandler over(
            int bar, RegionHandler device, MsixTable table, Executor loop) {
        Objects.requireNonNull(device, "device");
        Objects.requireNonNull(loop, "loop");
        var placed = table.capability();
        var windows = new ArrayList<Window>(2);
        if (placed.tableBar() == bar) {
            windows.add(Window.of(placed.tableOffset(), placed.tableSize(), table.entries()));
        }
        if (placed.pendingBar() == bar) {
            windows.add(
                    Window.of(placed.pendingOffset(), placed.pendingSize(), table.pendingBits()));
        }
        return windows.isEmpty() ? device : new MsixOverlay(device, List.copyOf(windows), loop);
    }

    @Override
    public Completion read(long offset, MemorySegment into) {
        return touchesWindow(offset, into.byteSize())
                ? inPieces(RegionHandler::read, offset, into)
                : device.read(offset, into);
    }

    @Override
    public Completion write(long offset, MemorySegment from) {
        return touchesWindow(offset, from.byteSize())
                ? inPieces(RegionHandler::write, offset, from)
                : device.write(offset, from);
    }

    /// The device's register there; the table's entries have no names.
    @Override
    public Optional<Register> registerAt(long offset) {
        return touchesWindow(offset, 1) ? Optional.empty() : device.registerAt(offset);
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
            if (offset < window.end() && offset + size > window.base()) {
                return true;
            }
        }
        return false;
    }

    /// The window that has `offset`, or the device's part from the BAR's start to the next window.
    private Window windowAt(long offset) {
        long end = Long.MAX_VALUE;
        for (Window window : windows) {
            if (offset >= window.base() && offset < window.end()) {
                return window;
            }
            if (offset < window.base()) {
                end = Math.min(end, window.base());
            }
        }
        return new Window(0, end, device);
    }

    /// Bytes that one handler answers for.
    ///
    /// @param base where the handler counts its offsets from
    private record Window(long base, long end, RegionHandler handler) {
        static Window of(long base, long size, RegionHandler handler) {
            return new Window(base, base + size, handler);
        }
    }

    /// A read or a write.
    private interface Transfer {
        Completion move(RegionHandler handler, long offset, MemorySegment data);
    }
}
