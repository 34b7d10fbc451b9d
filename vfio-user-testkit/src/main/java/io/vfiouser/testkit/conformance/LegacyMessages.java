package io.vfiouser.testkit.conformance;

import io.vfiouser.protocol.LegacyCommand;
import io.vfiouser.protocol.LegacyFormat;

/// The commands of a client of the legacy dialect in their proper form.
final class LegacyMessages {
    /// What that time's sample client proposes.
    static final String TEXT =
            "{\"capabilities\":{\"max_fds\":32,\"migration\":{\"pgsize\":4096}}}";

    /// Bytes of the structure of DEVICE_GET_INFO in today's kernel headers; servers that were built
    /// with them want so many.
    private static final int DEVICE_INFO_SIZE = 24;

    private LegacyMessages() {}

    static RawCommand of(LegacyCommand command) {
        return RawCommand.of(command.id());
    }

    static RawCommand version(int major, int minor, String text) {
        return of(LegacyCommand.VERSION).u16(major).u16(minor).text(text).zeros(1);
    }

    static RawCommand info() {
        return of(LegacyCommand.DEVICE_GET_INFO)
                .u32(DEVICE_INFO_SIZE)
                .zeros(DEVICE_INFO_SIZE - Integer.BYTES);
    }

    static RawCommand regionInfo(int region, int argsz) {
        return of(LegacyCommand.DEVICE_GET_REGION_INFO).u32(argsz).u32(0).u32(region).zeros(20);
    }

    static RawCommand irqInfo(int index) {
        return of(LegacyCommand.DEVICE_GET_IRQ_INFO).u32(16).u32(0).u32(index).u32(0);
    }

    static RawCommand setIrqs(int flags, int index, int start, int count) {
        return of(LegacyCommand.DEVICE_SET_IRQS)
                .u32(20)
                .u32(flags)
                .u32(index)
                .u32(start)
                .u32(count);
    }

    static RawCommand read(int region, long offset, int count) {
        return of(LegacyCommand.REGION_READ).u64(offset).u32(region).u32(count);
    }

    static RawCommand write(int region, long offset, byte... data) {
        return of(LegacyCommand.REGION_WRITE).u64(offset).u32(region).u32(data.length).bytes(data);
    }

    /// A migration register.
    static RawCommand readRegister(int offset, int size) {
        return read(LegacyFormat.MIGRATION_REGION, offset, size);
    }

    static RawCommand writeState(int state) {
        return write(LegacyFormat.MIGRATION_REGION, LegacyFormat.DEVICE_STATE_AT, word(state));
    }

    static RawCommand map() {
        return of(LegacyCommand.DMA_MAP);
    }

    static RawCommand unmap() {
        return of(LegacyCommand.DMA_UNMAP);
    }

    /// Adds a region to a table.
    static RawCommand region(RawCommand table, long address, long size, long offset, int flags) {
        return table.u64(address).u64(size).u64(offset).u32(Bits.DMA_READ_WRITE).u32(flags);
    }

    /// A DIRTY_PAGES with room for `ranges`, to be added by [#range].
    static RawCommand dirtyPages(int flags, int ranges) {
        return of(LegacyCommand.DIRTY_PAGES)
                .u32(LegacyFormat.DIRTY_PAGES_SIZE + ranges * LegacyFormat.DIRTY_RANGE_SIZE)
                .u32(flags);
    }

    static RawCommand range(RawCommand get, long iova, long size, long pageSize, long bitmap) {
        return get.u64(iova).u64(size).u64(pageSize).u64(bitmap).u64(0);
    }

    static RawCommand reset() {
        return of(LegacyCommand.DEVICE_RESET);
    }

    private static byte[] word(int value) {
        return new byte[] {
            (byte) value, (byte) (value >> 8), (byte) (value >> 16), (byte) (value >> 24)
        };
    }
}
