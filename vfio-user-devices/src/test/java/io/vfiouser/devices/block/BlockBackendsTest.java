package io.vfiouser.devices.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.vfiouser.device.NoSettings;
import io.vfiouser.device.Variant;
import io.vfiouser.device.Variants;
import org.junit.jupiter.api.Test;

class BlockBackendsTest {
    @Test
    void opensWhatIsInstalledByName() {
        assertThat(BlockBackends.backends()).extracting(Variant::name).contains("memory");
        try (BlockBackend disk = BlockBackends.open(BlockBackends.backend("memory"))) {
            assertThat(disk.properties().capacityBytes()).isEqualTo(64L << 20);
        }
    }

    @Test
    void namesWhatIsInstalledIfTheNameIsNot() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BlockBackends.backend("tape"))
                .withMessageMatching("backend: tape \\(expected: one of \\[.*\\bmemory\\b.*\\]\\)");
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        BlockBackends.open(
                                        BlockBackends.backend("memory"),
                                        Variants.of(new Variant("sieve", new NoSettings())))
                                .close())
                .withMessageStartingWith("filter: sieve (expected: one of [");
    }

    @Test
    void settingsMustBeThoseOfTheType() {
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> BlockBackends.open(new Variant("memory", new NoSettings())).close())
                .withMessage(
                        "memory: settings of io.vfiouser.device.NoSettings (expected:"
                                + " io.vfiouser.devices.block.memory.MemorySettings)");
    }

    @Test
    void aFileMustBeNamed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BlockBackends.open(BlockBackends.backend("file")).close())
                .withMessage(
                        "path: not set (expected: a file or block device, as in path=disk.img)");
    }
}
