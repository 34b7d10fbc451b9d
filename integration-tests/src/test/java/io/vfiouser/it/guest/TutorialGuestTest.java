package io.vfiouser.it.guest;

import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.it.readme.TutorialCode;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// The tutorial's test of its device in a guest passes.
@Tag("guest")
@ExtendWith(NoDescriptorLeaks.class)
final class TutorialGuestTest {
    @Test
    void itsGuestGetsItsChecksum(@TempDir Path directory) throws Exception {
        assertThat(TutorialCode.runGuestTest(directory)).isEqualTo(1);
    }
}
