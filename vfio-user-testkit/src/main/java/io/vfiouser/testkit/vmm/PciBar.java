package io.vfiouser.testkit.vmm;

/// A base address register of the function and what lies behind it, as a driver has mapped it.
///
/// Values are little-endian, zero-extended when read. An access that the device refuses throws a
/// [io.vfiouser.client.RemoteErrorException].
public final class PciBar {
    private final Link link;
    private final int index;
    private final boolean io;
    private final long address;
    private final long size;

    PciBar(Link link, int index, boolean io, long address, long size) {
        this.link = link;
        this.index = index;
        this.io = io;
        this.address = address;
        this.size = size;
    }

    /// Its number, 0 to 5.
    public int index() {
        return index;
    }

    /// Whether it is ports, not memory.
    public boolean isIo() {
        return io;
    }

    /// Where it was placed.
    public long address() {
        return address;
    }

    /// Bytes, a power of two, as its register says.
    public long size() {
        return size;
    }

    /// Reads a value.
    ///
    /// @param width bytes: 1, 2, 4 or 8
    public long read(long offset, int width) {
        return link.read(index, offset, width);
    }

    /// Reads one byte.
    public int read8(long offset) {
        return (int) read(offset, Byte.BYTES);
    }

    /// Reads two bytes.
    public int read16(long offset) {
        return (int) read(offset, Short.BYTES);
    }

    /// Reads four bytes.
    public long read32(long offset) {
        return read(offset, Integer.BYTES);
    }

    /// Reads eight bytes.
    public long read64(long offset) {
        return read(offset, Long.BYTES);
    }

    /// Writes a value and waits until the device has it.
    ///
    /// @param width bytes: 1, 2, 4 or 8
    public void write(long offset, int width, long value) {
        link.write(index, offset, width, value);
    }

    /// Writes one byte and waits.
    public void write8(long offset, int value) {
        write(offset, Byte.BYTES, value);
    }

    /// Writes two bytes and waits.
    public void write16(long offset, int value) {
        write(offset, Short.BYTES, value);
    }

    /// Writes four bytes and waits.
    public void write32(long offset, long value) {
        write(offset, Integer.BYTES, value);
    }

    /// Writes eight bytes and waits.
    public void write64(long offset, long value) {
        write(offset, Long.BYTES, value);
    }

    /// Writes a value and does not wait, as a processor's write to a bus does.
    ///
    /// @param width bytes: 1, 2, 4 or 8
    public void post(long offset, int width, long value) {
        link.post(index, offset, width, value);
    }

    /// Such as `BAR2 ports 0xc000+0x100`.
    @Override
    public String toString() {
        return "BAR%d %s 0x%x+0x%x".formatted(index, io ? "ports" : "memory", address, size);
    }
}
