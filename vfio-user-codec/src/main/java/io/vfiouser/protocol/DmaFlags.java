package io.vfiouser.protocol;

/// How a server may use a DMA region (spec: "VFIO_USER_DMA_MAP", flags).
///
/// @param bits the flags as they are on the wire; bits without a meaning are kept
public record DmaFlags(int bits) {
    /// Bit: the server may read.
    public static final int READ = 1;

    /// Bit: the server may write.
    public static final int WRITE = 2;

    /// Bit: access goes through `mmap` of the descriptor.
    public static final int MMAP = 4;

    /// Bit: access goes through `pread` and `pwrite` on the descriptor.
    public static final int FILE_IO = 8;

    /// Read and write, the usual memory of a guest.
    public static final DmaFlags READ_WRITE = new DmaFlags(READ | WRITE);

    /// Read only.
    public static final DmaFlags READ_ONLY = new DmaFlags(READ);

    /// Whether the server may read.
    public boolean readable() {
        return (bits & READ) != 0;
    }

    /// Whether the server may write.
    public boolean writable() {
        return (bits & WRITE) != 0;
    }

    /// Whether the client asks for access through `mmap`.
    public boolean mmap() {
        return (bits & MMAP) != 0;
    }

    /// Whether the client asks for access through `pread` and `pwrite`.
    public boolean fileIo() {
        return (bits & FILE_IO) != 0;
    }

    /// The bits that have no meaning; 0 in a sound request.
    public int unknownBits() {
        return bits & ~(READ | WRITE | MMAP | FILE_IO);
    }
}
