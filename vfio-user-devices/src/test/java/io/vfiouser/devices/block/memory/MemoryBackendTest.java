package io.vfiouser.devices.block.memory;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.vfiouser.blocktest.BackendModel;
import io.vfiouser.blocktest.TestRequest;
import io.vfiouser.devices.block.BlockRequest;
import io.vfiouser.devices.block.BlockStatus;
import io.vfiouser.os.NativeMemory;
import io.vfiouser.os.SharedMemory;
import io.vfiouser.testsupport.AllocatedBytes;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MemoryBackendTest {
    private static final MemorySegment SOME = NativeMemory.allocate(4096).fill((byte) 7);

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void holdsWhatIsWritten(long seed) {
        try (var backend = MemoryBackend.create(300_001)) {
            new BackendModel(backend, seed).run(200);
        }
    }

    @Test
    void isZeroAtFirst() {
        try (var backend = MemoryBackend.create(1L << 40)) {
            MemorySegment into = NativeMemory.allocate(4096).fill((byte) 1);
            assertThat(TestRequest.read((1L << 40) - 4096, into).run(backend))
                    .isEqualTo(BlockStatus.OK);
            assertThat(into.mismatch(NativeMemory.allocate(4096))).isEqualTo(-1);
        }
    }

    @Test
    void refusesWhatIsBeyondItsEnd() {
        try (var backend = MemoryBackend.create(8192)) {
            assertThat(TestRequest.write(4097, SOME).run(backend))
                    .isEqualTo(BlockStatus.OUT_OF_RANGE);
            assertThat(TestRequest.write(4096, SOME).run(backend)).isEqualTo(BlockStatus.OK);
        }
    }

    @Test
    void makesNoGarbage() {
        try (var backend = MemoryBackend.create(1 << 20)) {
            var request = new CountingRequest();
            Runnable round =
                    () -> {
                        for (int i = 0; i < 1000; i++) {
                            long offset = i % 64 * 4096L;
                            request.write(offset, 4096, true).data().add(SOME, 0, 4096);
                            backend.submit(request);
                            request.read(offset, 4096);
                            request.data().add(SOME, 0, 1000);
                            request.data().add(SOME, 1000, 3096);
                            backend.submit(request);
                            backend.submit(request.flush());
                            backend.submitted();
                        }
                    };
            for (int i = 0; i < 20; i++) {
                round.run();
            }

            assertThat(AllocatedBytes.by(round)).isLessThan(1000);
            assertThat(request.completions).isEqualTo(3000 * 21);
        }
    }

    @Test
    void memoryThatItsOwnerCutShortEndsOneRequest() {
        var guest = SharedMemory.create("guest", 8192);
        MemorySegment lost = guest.segment();
        guest.close();
        try (var backend = MemoryBackend.create(8192)) {

            assertThat(TestRequest.write(0, lost).run(backend)).isEqualTo(BlockStatus.MEMORY_FAULT);
            assertThat(TestRequest.read(0, lost).run(backend)).isEqualTo(BlockStatus.MEMORY_FAULT);
            assertThat(TestRequest.write(0, SOME).run(backend)).isEqualTo(BlockStatus.OK);
        }
    }

    @Test
    void growsAndShrinks() {
        try (var backend = MemoryBackend.create(8192, 16384)) {
            List<Long> told = new ArrayList<>();
            backend.onResize(told::add);
            assertThat(TestRequest.write(4096, SOME).run(backend)).isEqualTo(BlockStatus.OK);

            backend.resize(4096);
            assertThat(TestRequest.read(4096, NativeMemory.allocate(1)).run(backend))
                    .isEqualTo(BlockStatus.OUT_OF_RANGE);
            backend.resize(16384);
            MemorySegment into = NativeMemory.allocate(4096).fill((byte) 1);
            assertThat(TestRequest.read(4096, into).run(backend)).isEqualTo(BlockStatus.OK);

            assertThat(into.get(JAVA_BYTE, 0)).isZero();
            assertThat(told).containsExactly(4096L, 16384L);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> backend.resize(16385))
                    .withMessage("size: 16385 (expected: 1 to 16384)");
        }
    }

    @Test
    void doesNothingOnceClosed() {
        var backend = MemoryBackend.create(8192);
        backend.close();
        backend.close();

        assertThat(TestRequest.write(0, SOME).run(backend)).isEqualTo(BlockStatus.CANCELLED);
    }

    @Test
    void settingsAreChecked() {
        var provider = new MemoryBackendProvider();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> provider.open(new MemorySettings(0, 0, false, false)).close())
                .withMessage("size: 0 (expected: at least 1)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> provider.open(new MemorySettings(100, 99, false, false)).close())
                .withMessage("max-size: 99 (expected: at least the size, 100)");
        try (var backend = provider.open(provider.defaults())) {
            assertThat(backend.properties().capacityBytes()).isEqualTo(64L << 20);
        }
        try (var backend = provider.open(new MemorySettings(1 << 20, 0, true, false))) {
            assertThat(TestRequest.write(4096, SOME).run(backend)).isEqualTo(BlockStatus.OK);
        }
    }

    private static final class CountingRequest extends BlockRequest {
        private int completions;

        @Override
        protected void completed(BlockStatus status) {
            if (status.isOk()) {
                completions++;
            }
        }
    }
}
