package io.vfiouser.testkit.conformance;

import io.vfiouser.protocol.Command;
import io.vfiouser.protocol.WireFormat;

/// The commands of a client in their proper form, to be sent so or to be spoilt.
final class Commands {
    /// What QEMU 10.1 proposes.
    static final String QEMU_TEXT =
            "{\"capabilities\":{\"migration\":{\"pgsize\":4096,\"max_bitmap_size\":268435456},"
                    + "\"max_msg_fds\":16,\"max_data_xfer_size\":1048576,\"pgsizes\":4096,"
                    + "\"max_dma_maps\":65535,\"write_multiple\":true}}";

    private Commands() {}

    /// @param text JSON without its NUL byte
    static RawCommand version(int major, int minor, String text) {
        return bareVersion(major, minor).text(text).zeros(1);
    }

    /// A VERSION without JSON.
    static RawCommand bareVersion(int major, int minor) {
        return RawCommand.of(Command.VERSION).u16(major).u16(minor);
    }

    static RawCommand dmaMap(int flags, long offset, long address, long size) {
        return RawCommand.of(Command.DMA_MAP)
                .u32(WireFormat.DMA_MAP_SIZE)
                .u32(flags)
                .u64(offset)
                .u64(address)
                .u64(size);
    }

    /// Memory without a descriptor, to be read and written by messages.
    static RawCommand dmaMap(long address, long size) {
        return dmaMap(Bits.DMA_READ_WRITE, 0, address, size);
    }

    static RawCommand dmaUnmap(int flags, long address, long size) {
        return RawCommand.of(Command.DMA_UNMAP)
                .u32(WireFormat.DMA_UNMAP_SIZE)
                .u32(flags)
                .u64(address)
                .u64(size);
    }

    static RawCommand getInfo() {
        return RawCommand.of(Command.DEVICE_GET_INFO).u32(WireFormat.DEVICE_INFO_SIZE).zeros(12);
    }

    static RawCommand regionInfo(int region, long argsz) {
        return RawCommand.of(Command.DEVICE_GET_REGION_INFO)
                .u32(argsz)
                .u32(0)
                .u32(region)
                .zeros(20);
    }

    static RawCommand regionIoFds(int region, long argsz) {
        return RawCommand.of(Command.DEVICE_GET_REGION_IO_FDS).u32(argsz).u32(0).u32(region).u32(0);
    }

    static RawCommand irqInfo(int index) {
        return RawCommand.of(Command.DEVICE_GET_IRQ_INFO)
                .u32(WireFormat.IRQ_INFO_SIZE)
                .u32(0)
                .u32(index)
                .u32(0);
    }

    static RawCommand setIrqs(int flags, int index, int start, int count) {
        return RawCommand.of(Command.DEVICE_SET_IRQS)
                .u32(WireFormat.SET_IRQS_SIZE)
                .u32(flags)
                .u32(index)
                .u32(start)
                .u32(count);
    }

    static RawCommand regionRead(int region, long offset, int count) {
        return RawCommand.of(Command.REGION_READ).u64(offset).u32(region).u32(count);
    }

    static RawCommand regionWrite(int region, long offset, byte... data) {
        return RawCommand.of(Command.REGION_WRITE)
                .u64(offset)
                .u32(region)
                .u32(data.length)
                .bytes(data);
    }

    static RawCommand reset() {
        return RawCommand.of(Command.DEVICE_RESET);
    }

    /// The start of a REGION_WRITE_MULTI; [#entry] adds the writes.
    static RawCommand writeMulti(long count) {
        return RawCommand.of(Command.REGION_WRITE_MULTI).u64(count);
    }

    static RawCommand entry(RawCommand multi, int region, long offset, int count, long data) {
        return multi.u64(offset).u32(region).u32(count).u64(data);
    }

    /// A DEVICE_FEATURE without data.
    static RawCommand feature(int flags, long argsz) {
        return RawCommand.of(Command.DEVICE_FEATURE).u32(argsz).u32(flags);
    }

    static RawCommand migDataRead(long argsz, long size) {
        return RawCommand.of(Command.MIG_DATA_READ).u32(argsz).u32(size);
    }

    static RawCommand migDataWrite(long argsz, long size, byte... data) {
        return RawCommand.of(Command.MIG_DATA_WRITE).u32(argsz).u32(size).bytes(data);
    }
}
