package io.vfiouser.server.pci;

import io.vfiouser.server.image.ImageReader;
import io.vfiouser.server.image.ImageWriter;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/// Registers as a table: for each bit what it is at first, whether a client's write stores it,
/// whether a client's one clears it, and whether it outlives a function-level reset. Bits that are
/// neither are read-only for clients.
///
/// Most of a config space is never described, so memory is taken up page by page: a device costs a
/// few hundred bytes rather than five times 4 KiB.
///
/// The loop describes and writes. Any thread may read, and may set or clear bits of what is
/// described that clients cannot write ([#setBits], [#clearBits]): single bytes are accessed with
/// acquire and release.
final class RegisterImage {
    private static final VarHandle BYTE = MethodHandles.arrayElementVarHandle(byte[].class);
    private static final VarHandle PAGE = MethodHandles.arrayElementVarHandle(Page[].class);
    private static final int PAGE_BITS = 7;
    private static final int PAGE_SIZE = 1 << PAGE_BITS;
    private static final int IN_PAGE = PAGE_SIZE - 1;

    private final int size;
    private final @Nullable Page[] pages;

    /// Read-only zeroes.
    RegisterImage(int size) {
        this.size = size;
        this.pages = new Page[(size + IN_PAGE) >>> PAGE_BITS];
    }

    int size() {
        return size;
    }

    /// Describes a little-endian field that clients cannot write.
    RegisterImage readOnly(int offset, int width, long value) {
        return field(offset, width, value, 0);
    }

    /// Describes a little-endian field.
    ///
    /// @param writableMask the bits that a client's write stores
    RegisterImage field(int offset, int width, long value, long writableMask) {
        for (int i = 0; i < width; i++) {
            Page page = page(offset + i);
            int at = (offset + i) & IN_PAGE;
            page.current[at] = (byte) (value >>> (8 * i));
            page.initial[at] = (byte) (value >>> (8 * i));
            page.writable[at] = (byte) (writableMask >>> (8 * i));
        }
        return this;
    }

    /// Marks bits of a field, 0 at first, as cleared by writing ones to them (RW1C).
    RegisterImage clearedByOne(int offset, int width, long mask) {
        for (int i = 0; i < width; i++) {
            page(offset + i).clearedByOne[(offset + i) & IN_PAGE] = (byte) (mask >>> (8 * i));
        }
        return this;
    }

    /// Marks bytes as sticky: a function-level reset leaves them alone.
    RegisterImage sticky(int offset, int count) {
        for (int i = offset; i < offset + count; i++) {
            page(i).sticky[i & IN_PAGE] = (byte) 0xff;
        }
        return this;
    }

    /// Takes over the description of a part.
    void include(int offset, RegisterImage part) {
        for (int i = 0; i < part.size(); i++) {
            Page from = part.existing(i);
            if (from != null) {
                page(offset + i).take((offset + i) & IN_PAGE, from, i & IN_PAGE);
            }
        }
    }

    int byteAt(int offset) {
        Page page = existing(offset);
        return page == null ? 0 : page.get(offset & IN_PAGE);
    }

    /// The little-endian value of 1 to 4 bytes.
    int value(int offset, int width) {
        int value = 0;
        for (int i = width - 1; i >= 0; i--) {
            value = value << 8 | byteAt(offset + i);
        }
        return value;
    }

    /// Stores 1 to 4 bytes, read-only bits too.
    void store(int offset, int width, int value) {
        for (int i = 0; i < width; i++) {
            page(offset + i).set((offset + i) & IN_PAGE, value >>> (8 * i));
        }
    }

    /// Sets bits of one byte that is described, atomically.
    void setBits(int offset, int mask) {
        BYTE.getAndBitwiseOr(page(offset).current, offset & IN_PAGE, (byte) mask);
    }

    /// Clears bits of one byte that is described, atomically.
    void clearBits(int offset, int mask) {
        BYTE.getAndBitwiseAnd(page(offset).current, offset & IN_PAGE, (byte) ~mask);
    }

    /// A client reads.
    void read(int offset, MemorySegment into) {
        int length = (int) into.byteSize();
        for (int i = 0; i < length; i++) {
            into.set(ValueLayout.JAVA_BYTE, i, (byte) byteAt(offset + i));
        }
    }

    /// A client writes: byte after byte, as far as the masks let it.
    void write(int offset, MemorySegment from) {
        int length = (int) from.byteSize();
        for (int i = 0; i < length; i++) {
            Page page = existing(offset + i);
            if (page != null) {
                page.write((offset + i) & IN_PAGE, from.get(ValueLayout.JAVA_BYTE, i));
            }
        }
    }

    /// Puts back what clients can change; what only [#store] changes stays.
    void reset() {
        reset(true);
    }

    /// As [#reset()], but for sticky bytes.
    void resetFunction() {
        reset(false);
    }

    /// Writes what the registers have now.
    void save(ImageWriter out) {
        byte[] now = new byte[size];
        for (int i = 0; i < now.length; i++) {
            now[i] = (byte) byteAt(i);
        }
        out.bytes(now);
    }

    /// Takes over what [#save] wrote of the same registers; tells nobody.
    void restore(ImageReader in) {
        byte[] saved = in.bytes(size);
        for (int i = 0; i < saved.length; i++) {
            if (byteAt(i) != (saved[i] & 0xff)) {
                store(i, 1, saved[i]);
            }
        }
    }

    /// Writes what sort of registers they are: a page that is all zero is as one that is not there.
    void describe(ImageWriter out) {
        byte[] nothing = new byte[PAGE_SIZE];
        for (int i = 0; i < size; i += PAGE_SIZE) {
            Page page = existing(i);
            if (page == null) {
                out.bytes(nothing).bytes(nothing).bytes(nothing).bytes(nothing);
            } else {
                out.bytes(page.initial)
                        .bytes(page.writable)
                        .bytes(page.clearedByOne)
                        .bytes(page.sticky);
            }
        }
    }

    private void reset(boolean stickyToo) {
        for (Page page : pages) {
            if (page != null) {
                page.reset(stickyToo);
            }
        }
    }

    private @Nullable Page existing(int offset) {
        return (Page) PAGE.getAcquire(pages, offset >>> PAGE_BITS);
    }

    private Page page(int offset) {
        Page page = existing(offset);
        if (page == null) {
            int start = offset & ~IN_PAGE;
            page = new Page(Math.min(PAGE_SIZE, size - start));
            PAGE.setRelease(pages, offset >>> PAGE_BITS, page);
        }
        return page;
    }

    /// A part that is described, wholly or in part.
    private static final class Page {
        private final byte[] current;
        private final byte[] initial;
        private final byte[] writable;
        private final byte[] clearedByOne;
        private final byte[] sticky;

        Page(int size) {
            current = new byte[size];
            initial = new byte[size];
            writable = new byte[size];
            clearedByOne = new byte[size];
            sticky = new byte[size];
        }

        int get(int at) {
            return (byte) BYTE.getAcquire(current, at) & 0xff;
        }

        void set(int at, int value) {
            BYTE.setRelease(current, at, (byte) value);
        }

        void take(int at, Page from, int fromAt) {
            current[at] = from.initial[fromAt];
            initial[at] = from.initial[fromAt];
            writable[at] = from.writable[fromAt];
            clearedByOne[at] = from.clearedByOne[fromAt];
            sticky[at] = from.sticky[fromAt];
        }

        void write(int at, byte value) {
            int stored = writable[at];
            int cleared = value & clearedByOne[at];
            if ((stored | cleared) != 0) {
                set(at, (get(at) & ~stored & ~cleared) | (value & stored));
            }
        }

        void reset(boolean stickyToo) {
            for (int i = 0; i < current.length; i++) {
                int changeable = (writable[i] | clearedByOne[i]) & (stickyToo ? 0xff : ~sticky[i]);
                if (changeable != 0) {
                    set(i, (get(i) & ~changeable) | (initial[i] & changeable));
                }
            }
        }
    }
}
