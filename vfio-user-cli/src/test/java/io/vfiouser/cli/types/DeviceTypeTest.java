package io.vfiouser.cli.types;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vfiouser.cli.failure.UsageException;
import io.vfiouser.cli.types.SampleProviders.CacheMode;
import io.vfiouser.cli.types.SampleProviders.DiskSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class DeviceTypeTest {
    private final SampleProviders.Disk provider = new SampleProviders.Disk();
    private final DeviceType<DiskSettings> disk = new DeviceType<>(provider);

    @Test
    void keepsDefaultsForWhatIsNotGiven() {
        assertThat(disk.configure(Map.of()).get()).isNotNull();
        assertThat(provider.made).containsExactly(provider.defaults());
    }

    @Test
    void readsEveryKindOfSetting() {
        var factory =
                disk.configure(
                        Map.of(
                                "size", "512M",
                                "queues", "0x10",
                                "path", "/tmp/a=b.img",
                                "cache-mode", "none",
                                "delay", "20us",
                                "read-only", "true",
                                "error-rate", "0",
                                "serial", ""));
        assertThat(factory.get()).isNotNull();
        assertThat(provider.made)
                .containsExactly(
                        new DiskSettings(
                                512 << 20,
                                16,
                                Path.of("/tmp/a=b.img"),
                                CacheMode.NONE,
                                Duration.ofNanos(20_000),
                                true,
                                0,
                                ""));
    }

    @Test
    void makesANewDeviceEachTime() {
        var factory = disk.configure(Map.of());
        assertThat(factory.get()).isNotSameAs(factory.get());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "size | 512m | a number, for example 65536, 0x10000 or 64K; size=64M (bytes of the"
                        + " disk, at least 512)",
                "queues | 4294967296 | a number, for example 64 or 0x40; queues=1 (queues, 1 to"
                        + " 64)",
                "path | '' | a path; path=disk.img (file that backs it)",
                "cache-mode | WRITE_BACK | write-back, none; cache-mode=write-back (caching)",
                "delay | 5 | a duration, for example 500us, 20ms or 5s; delay=5ms (time of each"
                        + " access)",
                "read-only | maybe | true or false; read-only=false (whether writes are refused)",
                "error-rate | NaN | a decimal number; error-rate=0.0 (rate of errors, 0 to 1)"
            })
    void namesValueKindDefaultAndUnitOfWhatItRefuses(String key, String value, String expected) {
        assertThatThrownBy(() -> disk.configure(Map.of(key, value)))
                .isInstanceOf(UsageException.class)
                .hasMessage("disk: %s: %s (expected: %s)", key, value, expected);
    }

    @Test
    void listsTheSettingsForAnUnknownKey() {
        assertThatThrownBy(() -> disk.configure(Map.of("sise", "1")))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith("disk: sise: unknown setting (expected: size, queues, ")
                .hasMessageEndingWith("serial; did you mean size)");
    }

    @Test
    void saysThatThereAreNoSettings() {
        var plain = new DeviceType<>(new SampleProviders.Plain());
        assertThatThrownBy(() -> plain.configure(Map.of("a", "b")))
                .hasMessage("plain: a: unknown setting (expected: none, plain has no settings)");
    }

    @Test
    void passesOnWhatTheRecordAndTheProviderRefuse() {
        assertThatThrownBy(() -> disk.configure(Map.of("queues", "65")))
                .isInstanceOf(UsageException.class)
                .hasMessage("disk: queues: 65 (expected: 1 to 64)");
        var factory = disk.configure(Map.of("read-only", "on", "error-rate", "0.5"));
        assertThatThrownBy(factory::get)
                .isInstanceOf(UsageException.class)
                .hasMessage("disk: error-rate: 0.5 (expected: 0 when read-only)");
    }
}
