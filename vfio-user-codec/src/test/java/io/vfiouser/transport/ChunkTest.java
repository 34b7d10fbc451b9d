package io.vfiouser.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.unix.FileDescriptor;
import io.vfiouser.os.FdBundle;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.io.IOException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoDescriptorLeaks.class)
final class ChunkTest {
    private final ByteBuf bytes = PooledByteBufAllocator.DEFAULT.buffer().writeInt(1);

    @BeforeAll
    static void loadNativeLibrary() {
        Epoll.ensureAvailability();
    }

    @Test
    void theLastReleaseClosesWhatNobodyTook() throws IOException {
        FileDescriptor[] pipe = FileDescriptor.pipe();
        Chunk chunk = Chunk.of(bytes, FdBundle.of(pipe));
        FileDescriptor taken = chunk.descriptors().take(0);
        chunk.retain();
        assertThat(chunk.release()).isFalse();
        assertThat(pipe[1].isOpen()).isTrue();
        assertThat(chunk.release()).isTrue();
        assertThat(bytes.refCnt()).isZero();
        assertThat(pipe[1].isOpen()).isFalse();
        assertThat(taken.isOpen()).isTrue();
        taken.close();
    }

    @Test
    void descriptorsCanBeMovedOutAtOnce() throws IOException {
        FileDescriptor[] pipe = FileDescriptor.pipe();
        Chunk chunk = Chunk.of(bytes, FdBundle.of(pipe));
        try (FdBundle moved = chunk.takeDescriptors()) {
            assertThat(chunk.descriptors().count()).isZero();
            chunk.release();
            assertThat(moved.count()).isEqualTo(2);
            assertThat(pipe[0].isOpen()).isTrue();
        }
        assertThat(pipe[0].isOpen()).isFalse();
    }
}
