package io.vfiouser.cli.pci;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// Config spaces for tests, put together by register.
public final class ConfigImages {
    private final ByteBuffer bytes;

    private ConfigImages(int size) {
        this.bytes = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    /// All zero.
    public static ConfigImages ofSize(int size) {
        return new ConfigImages(size);
    }

    /// An NVMe controller as a PCI Express function with every capability that is decoded.
    public static ConfigImages nvme() {
        return ofSize(4096)
                .u16(0x00, 0x1b36)
                .u16(0x02, 0x0010)
                .u16(0x04, 0x0406) // memory, bus master, INTx disabled
                .u16(0x06, 0x0010) // capability list
                .u8(0x08, 0x02)
                .u8(0x09, 0x02)
                .u16(0x0a, 0x0108)
                .u32(0x10, 0xfe000004) // 64-bit, unprefetchable
                .u32(0x14, 0x00000001)
                .u32(0x18, 0x0000c001) // I/O
                .u16(0x2c, 0x1af4)
                .u16(0x2e, 0x1100)
                .u8(0x34, 0x40)
                .u8(0x3c, 11)
                .u8(0x3d, 1)
                .u16(0x40, 0x5001) // power management, next 0x50
                .u16(0x42, 0xc803) // version 3, PME from D0 and D3hot
                .u16(0x44, 0x0008) // no soft reset
                .u16(0x50, 0x6805) // MSI
                .u16(0x52, 0x018a) // 32 vectors, 64-bit, masking
                .u32(0x54, 0xfee00000)
                .u16(0x5c, 0x4021)
                .u16(0x68, 0x8011) // MSI-X
                .u16(0x6a, 0x8007) // enabled, 8 vectors
                .u32(0x6c, 0x00000802) // table in BAR2
                .u32(0x70, 0x00000c02)
                .u16(0x80, 0xb010) // PCI Express, next 0xb0
                .u16(0x82, 0x0002)
                .u32(0x84, 0x10008000) // FLR, role-based error reporting
                .u16(0x88, 0x2810)
                .u16(0xb0, 0x0009) // vendor specific
                .u8(0xb2, 5)
                .u8(0xb3, 0xab)
                .u8(0xb4, 0xcd)
                .u32(0x100, 0x11010003) // serial number, next 0x110
                .u32(0x104, 0x89abcdef)
                .u32(0x108, 0x01234567)
                .u32(0x110, 0x00010018);
    }

    /// Sets a byte.
    public ConfigImages u8(int offset, int value) {
        bytes.put(offset, (byte) value);
        return this;
    }

    /// Sets two bytes.
    public ConfigImages u16(int offset, int value) {
        bytes.putShort(offset, (short) value);
        return this;
    }

    /// Sets four bytes.
    public ConfigImages u32(int offset, int value) {
        bytes.putInt(offset, value);
        return this;
    }

    /// The result.
    public ConfigImage build() {
        return new ConfigImage(bytes.array());
    }
}
