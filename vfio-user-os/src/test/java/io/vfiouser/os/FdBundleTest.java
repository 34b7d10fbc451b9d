package io.vfiouser.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.unix.FileDescriptor;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoDescriptorLeaks.class)
class FdBundleTest {
    @Test
    void closesWhatNobodyTook() throws IOException {
        FileDescriptor[] pipe = TestPipe.open();
        FdBundle bundle = FdBundle.of(pipe);

        FileDescriptor taken = bundle.take(0);
        bundle.close();
        bundle.close();

        assertThat(taken.isOpen()).isTrue();
        assertThat(pipe[1].isOpen()).isFalse();
        taken.close();
    }

    @Test
    void givesEachDescriptorOnce() throws IOException {
        try (FdBundle bundle = FdBundle.ofOwned(List.of(TestPipe.open()))) {
            assertThat(bundle.count()).isEqualTo(2);
            assertThat(bundle.isEmpty()).isFalse();
            FileDescriptor first = bundle.take(0);
            assertThatIllegalStateException()
                    .isThrownBy(() -> bundle.take(0))
                    .withMessageContaining("descriptor 0");
            assertThatThrownBy(() -> bundle.peek(2)).isInstanceOf(IndexOutOfBoundsException.class);
            assertThat(bundle).hasToString("FdBundle[-, " + bundle.peek(1).intValue() + "]");
            first.close();
        }
    }

    @Test
    void givesNothingAfterClose() throws IOException {
        FdBundle bundle = FdBundle.of(TestPipe.open());
        bundle.close();

        assertThatIllegalStateException().isThrownBy(() -> bundle.peek(0));
    }

    @Test
    void emptyIsShared() {
        assertThat(FdBundle.of()).isSameAs(FdBundle.empty());
        assertThat(FdBundle.ofOwned(List.of())).isSameAs(FdBundle.empty());
        FdBundle.empty().close();
        assertThat(FdBundle.empty().isEmpty()).isTrue();
    }
}
