package io.vfiouser.blocktest;

import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.devices.block.BlockBackend;
import io.vfiouser.devices.block.BlockOperation;
import io.vfiouser.devices.block.BlockRequest;
import io.vfiouser.devices.block.BlockStatus;
import io.vfiouser.devices.block.SegmentList;
import io.vfiouser.os.NativeMemory;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/// Drives a backend with random requests, several at a time and scattered over memory, and compares
/// what it reads with a byte array that the same was done to.
///
/// Ranges of a batch do not overlap, since a backend may do them in any order.
public final class BackendModel {
    private static final int MAX_BATCH = 16;
    private static final int MAX_SCATTER = 5;

    private final BlockBackend backend;
    private final Random random;
    private final int unit;
    private final byte[] model;

    /// Writes all of the backend once, so that both begin alike.
    ///
    /// @param seed say it in the test's name
    public BackendModel(BlockBackend backend, long seed) {
        this(backend, seed, 1);
    }

    /// As above, with ranges in multiples of `unit` if the backend's own blocks are smaller.
    public BackendModel(BlockBackend backend, long seed, int unit) {
        this.backend = backend;
        this.random = new Random(seed);
        this.unit = Math.max(unit, backend.properties().blockSize());
        this.model = new byte[Math.toIntExact(backend.properties().capacityBytes())];
        random.nextBytes(model);
        MemorySegment all = NativeMemory.allocate(model.length);
        MemorySegment.copy(model, 0, all, java.lang.foreign.ValueLayout.JAVA_BYTE, 0, model.length);
        assertThat(TestRequest.write(0, all).run(backend)).isEqualTo(BlockStatus.OK);
    }

    /// Submits batches of random requests and checks each read, then everything.
    public BackendModel run(int batches) {
        for (int i = 0; i < batches; i++) {
            batch();
        }
        verifyAll();
        return this;
    }

    /// Reads all of the backend and compares it.
    public void verifyAll() {
        verifyAll(backend);
    }

    /// Reads all of another view of the same blocks and compares it.
    public void verifyAll(BlockBackend other) {
        MemorySegment all = NativeMemory.allocate(model.length);
        assertThat(TestRequest.read(0, all).run(other)).isEqualTo(BlockStatus.OK);
        assertThat(all.mismatch(MemorySegment.ofArray(model))).as("first difference").isEqualTo(-1);
    }

    private void batch() {
        int units = model.length / unit;
        int count = 1 + random.nextInt(MAX_BATCH);
        int[] cuts = random.ints(count * 2L, 0, units + 1).sorted().toArray();
        List<Step> steps = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int from = cuts[2 * i] * unit;
            int length = (cuts[2 * i + 1] - cuts[2 * i]) * unit;
            steps.add(step(from, length));
        }
        steps.forEach(step -> step.request.submitTo(backend));
        backend.submitted();
        steps.forEach(this::check);
    }

    private Step step(int from, int length) {
        var request = new TestRequest();
        MemorySegment memory = NativeMemory.allocate(length + MAX_SCATTER);
        int kind = random.nextInt(10);
        if (kind == 0) {
            request.flush();
        } else if (kind == 1) {
            request.writeZeroes(from, length, random.nextBoolean(), random.nextBoolean());
            Arrays.fill(model, from, from + length, (byte) 0);
        } else if (kind == 2 && backend.properties().deallocatedReadsZero()) {
            request.deallocate(from, length);
            Arrays.fill(model, from, from + length, (byte) 0);
        } else if (kind < 6) {
            request.read(from, length);
            scatter(request, memory, length, (int) (memory.byteSize() - length));
        } else {
            byte[] fresh = new byte[length];
            random.nextBytes(fresh);
            request.write(from, length, random.nextInt(8) == 0);
            scatter(request, memory, length, (int) (memory.byteSize() - length));
            fill(request.data(), fresh);
            System.arraycopy(fresh, 0, model, from, length);
        }
        return new Step(request, from);
    }

    /// Cuts the memory at random places, in units, so that the parts have gaps between them.
    private void scatter(TestRequest request, MemorySegment memory, int length, int gaps) {
        int parts = 1 + random.nextInt(MAX_SCATTER);
        int[] cuts = random.ints(parts - 1L, 0, length / unit + 1).sorted().toArray();
        boolean gapped = unit == 1 && gaps >= parts;
        int start = 0;
        for (int i = 0; i < parts; i++) {
            int end = i < parts - 1 ? cuts[i] * unit : length;
            request.data().add(memory, start + (gapped ? i : 0), end - start);
            start = end;
        }
    }

    private void check(Step step) {
        BlockRequest request = step.request;
        assertThat(step.request.await())
                .as("%s at %d, %d bytes", request.operation(), request.offset(), request.length())
                .isEqualTo(BlockStatus.OK);
        if (request.operation() == BlockOperation.READ) {
            byte[] expected =
                    Arrays.copyOfRange(model, step.from, (int) (step.from + request.length()));
            assertThat(drain(request.data())).as("read at %d", step.from).isEqualTo(expected);
        }
    }

    private static void fill(SegmentList list, byte[] from) {
        int position = 0;
        for (int i = 0; i < list.count(); i++) {
            int length = (int) list.length(i);
            MemorySegment.copy(
                    MemorySegment.ofArray(from), position, list.base(i), list.offset(i), length);
            position += length;
        }
    }

    private static byte[] drain(SegmentList list) {
        byte[] into = new byte[(int) list.totalLength()];
        int position = 0;
        for (int i = 0; i < list.count(); i++) {
            int length = (int) list.length(i);
            MemorySegment.copy(
                    list.base(i), list.offset(i), MemorySegment.ofArray(into), position, length);
            position += length;
        }
        return into;
    }

    private record Step(TestRequest request, int from) {}
}
