package io.vfiouser.cli.types;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vfiouser.cli.failure.UsageException;
import io.vfiouser.cli.types.SampleProviders.Stacked;
import io.vfiouser.cli.types.SampleProviders.Stacked.DelaySettings;
import io.vfiouser.cli.types.SampleProviders.Stacked.FileSettings;
import io.vfiouser.cli.types.SampleProviders.Stacked.MemorySettings;
import io.vfiouser.cli.types.SampleProviders.Stacked.StackedSettings;
import io.vfiouser.device.Variant;
import io.vfiouser.device.Variants;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Settings that name kinds of things, which bring settings of their own along.
final class VariantSettingsTest {
    private final Stacked provider = new Stacked();
    private final DeviceType<StackedSettings> type = new DeviceType<>(provider);

    @Test
    void theDefaultChoiceTakesItsSettings() {
        assertThat(made(Map.of("size", "8K")))
                .isEqualTo(
                        new StackedSettings(
                                8,
                                Variants.of(new Variant("memory", new MemorySettings(8192))),
                                Variants.of()));
    }

    @Test
    void eachChoiceTakesItsOwn() {
        var settings =
                made(
                        Map.of(
                                "path", "a.img",
                                "delay", "5ms",
                                "backend", "file",
                                "filters", "delay",
                                "blocks", "9"));

        assertThat(settings)
                .isEqualTo(
                        new StackedSettings(
                                9,
                                Variants.of(
                                        new Variant(
                                                "file", new FileSettings(Path.of("a.img"), false))),
                                Variants.of(
                                        new Variant(
                                                "delay",
                                                new DelaySettings(Duration.ofMillis(5))))));
    }

    @Test
    void severalAreKeptInOrder() {
        assertThat(made(Map.of("filters", "slow,delay")).filters()).hasToString("slow,delay");
        assertThat(made(Map.of("filters", "")).filters().chosen()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "backend | fil | stacked: backend: fil (expected: names with commas between them:"
                        + " file, memory; did you mean file)",
                "filters | delay,x | stacked: filters: x (expected: names with commas between them:"
                        + " delay, slow)",
                "path | x | stacked: path: unknown setting (expected: blocks, backend,"
                        + " filters, size; it goes with backend=file)",
                "siez | 1 | stacked: siez: unknown setting (expected: blocks, backend,"
                        + " filters, size; did you mean size)",
                "size | big | stacked: backend=memory: size: big (expected: a number, for example"
                        + " 65536, 0x10000 or 64K; size=4K (bytes))",
            })
    void saysWhatGoesTogether(String key, String value, String message) {
        assertThatThrownBy(() -> type.configure(Map.of(key, value)))
                .isInstanceOf(UsageException.class)
                .hasMessage(message);
    }

    @Test
    void aSettingOfTwoChoicesIsRefused() {
        assertThatThrownBy(() -> type.configure(Map.of("filters", "delay,slow", "delay", "1ms")))
                .hasMessage(
                        "stacked: delay: a setting of filters=delay and filters=slow (expected: of"
                                + " one of them)");
    }

    @Test
    void listsWhatEachChoiceBringsAlong() {
        assertThat(type.settings())
                .extracting(SettingSpec::key)
                .containsExactly("blocks", "backend", "filters");
        assertThat(type.groups())
                .extracting(SettingGroup::choice)
                .containsExactly("backend=file", "backend=memory", "filters=delay", "filters=slow");
        assertThat(type.groups().getFirst().settings())
                .extracting(SettingSpec::assignment)
                .containsExactly("path=disk.img", "direct=false");
    }

    private StackedSettings made(Map<String, String> texts) {
        assertThat(type.configure(texts).get()).isNotNull();
        return provider.made.getLast();
    }
}
