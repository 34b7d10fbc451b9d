package io.vfiouser.device.region;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.os.Errno;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class RegisterBlockTest {
    private long control = 0x1122_3344L;
    private long wide = 0x0102_0304_0506_0708L;
    private final List<String> calls = new ArrayList<>();

    private final RegisterBlock block =
            RegisterBlock.builder()
                    .readWrite(0x0, 4, "CTRL", () -> control, value -> control = value)
                    .readOnly(0x4, 2, "STATUS", () -> 0xbeef)
                    .writeOnly(0x6, 2, "KICK", value -> calls.add("kick " + value))
                    .readWrite(0x10, 8, "WIDE", () -> wide, value -> wide = value)
                    .fill(0xff)
                    .build();

    @Test
    void readsARegisterWhole() {
        assertThat(read(block, 0x0, 4)).isEqualTo(0x1122_3344L);
        assertThat(read(block, 0x4, 2)).isEqualTo(0xbeefL);
        assertThat(read(block, 0x10, 8)).isEqualTo(0x0102_0304_0506_0708L);
    }

    @Test
    void readsPartsOfARegister() {
        assertThat(read(block, 0x1, 2)).isEqualTo(0x2233L);
        assertThat(read(block, 0x14, 4)).isEqualTo(0x0102_0304L);
    }

    @Test
    void readsAcrossRegistersAndGaps() {
        assertThat(read(block, 0x2, 8)).isEqualTo(0xffff_ffff_beef_1122L);
    }

    @Test
    void writeOnlyRegistersAndGapsReadAsTheFillByte() {
        assertThat(read(block, 0x6, 2)).isEqualTo(0xffffL);
        assertThat(read(block, 0x8, 4)).isEqualTo(0xffff_ffffL);
        assertThat(read(block, 0x8000, 1)).isEqualTo(0xffL);
    }

    @Test
    void writesZeroExtendedValues() {
        write(block, 0x0, 4, 0xffff_fffeL);
        assertThat(control).isEqualTo(0xffff_fffeL);
    }

    @Test
    void writesSeveralRegistersInOneAccess() {
        MemorySegment data = MemorySegment.ofArray(new byte[8]);
        LittleEndian.put(data, 0, 8, 0x0007_ffff_0000_0001L);
        block.write(0, data);
        assertThat(control).isEqualTo(1);
        assertThat(calls).containsExactly("kick 7");
    }

    @Test
    void refusesAPartialWriteBeforeAnythingIsWritten() {
        MemorySegment data = MemorySegment.ofArray(new byte[7]);
        assertThatThrownBy(() -> block.write(0, data))
                .isInstanceOf(DeviceException.class)
                .hasMessageContaining("the whole of KICK, 2 bytes at 0x6")
                .extracting(e -> ((DeviceException) e).errno())
                .isEqualTo(Errno.EINVAL);
        assertThat(control).isEqualTo(0x1122_3344L);
    }

    @Test
    void mergesPartialWritesWhereAsked() {
        RegisterBlock merging =
                RegisterBlock.builder()
                        .readWrite(0x10, 8, "WIDE", () -> wide, value -> wide = value)
                        .mergePartialWrites()
                        .build();
        write(merging, 0x14, 4, 0xaabb_ccddL);
        assertThat(wide).isEqualTo(0xaabb_ccdd_0506_0708L);
    }

    @Test
    void ignoresWritesToGapsUnlessStrict() {
        assertThat(block.write(0x20, MemorySegment.ofArray(new byte[4]))).isSameAs(Completion.DONE);
        RegisterBlock strict = RegisterBlock.builder().constant(0, 1, "ID", 1).strict().build();
        assertThatThrownBy(() -> strict.write(0x20, MemorySegment.ofArray(new byte[4])))
                .hasMessage("offset: 0x20, count: 4 (expected: a register)");
        assertThatThrownBy(() -> strict.read(0x1, MemorySegment.ofArray(new byte[1])))
                .isInstanceOf(DeviceException.class);
    }

    @Test
    void givesTheRestToTheOtherHandler() {
        var scratch = MemoryRegion.scratch(0x100);
        RegisterBlock mixed =
                RegisterBlock.builder().constant(0x8, 4, "ID", 7).elsewhere(scratch).build();
        write(mixed, 0x40, 4, 0x55);
        assertThat(scratch.segment().get(ValueLayout.JAVA_BYTE, 0x40)).isEqualTo((byte) 0x55);
        assertThat(read(mixed, 0x40, 4)).isEqualTo(0x55);
        assertThat(read(mixed, 0x4, 8)).isEqualTo(0x7_0000_0000L);
    }

    @Test
    void aCommandHoldsUpItsWrite() {
        var work = new CompletableFuture<String>();
        RegisterBlock slow =
                RegisterBlock.builder().command(0, 4, "GO", _ -> Completion.after(work)).build();
        Completion completion = slow.write(0, MemorySegment.ofArray(new byte[4]));
        assertThat(completion).isEqualTo(new Completion.Pending(work));
    }

    @Test
    void registersAreKnownByOffset() {
        assertThat(block.registerAt(0x12).orElseThrow().name()).isEqualTo("WIDE");
        assertThat(block.registerAt(0x9)).isEmpty();
        assertThat(block.registers())
                .extracting(Register::name)
                .containsExactly("CTRL", "STATUS", "KICK", "WIDE");
    }

    @Test
    void refusesOverlapsAndOddWidths() {
        RegisterBlockBuilder builder = RegisterBlock.builder().constant(0x4, 4, "A", 0);
        assertThatThrownBy(() -> builder.constant(0x6, 2, "B", 0))
                .hasMessage("B: 0x6 to 0x8 (expected: no overlap with A at 0x4)");
        assertThatThrownBy(() -> builder.constant(0x10, 3, "C", 0))
                .hasMessage("C: width: 3 (expected: 1, 2, 4 or 8)");
    }

    private static long read(RegionHandler handler, long offset, int width) {
        MemorySegment into = MemorySegment.ofArray(new byte[width]);
        assertThat(handler.read(offset, into)).isSameAs(Completion.DONE);
        return LittleEndian.get(into, 0, width);
    }

    private static void write(RegionHandler handler, long offset, int width, long value) {
        MemorySegment from = MemorySegment.ofArray(new byte[width]);
        LittleEndian.put(from, 0, width, value);
        assertThat(handler.write(offset, from)).isSameAs(Completion.DONE);
    }
}
