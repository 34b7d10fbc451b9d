package io.vfiouser.cli.types;

import io.vfiouser.device.Device;
import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.DeviceProvider;
import io.vfiouser.device.NoSettings;
import io.vfiouser.device.Setting;
import io.vfiouser.device.Variant;
import io.vfiouser.device.Variants;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Device types for tests: one with a setting of every kind, one without any.
public final class SampleProviders {
    private SampleProviders() {}

    /// How the disk of the sample caches.
    public enum CacheMode {
        WRITE_BACK,
        NONE
    }

    /// A setting of every kind.
    public record DiskSettings(
            @Setting("bytes of the disk, at least 512") long size,
            @Setting("queues, 1 to 64") int queues,
            @Setting("file that backs it") Path path,
            @Setting("caching") CacheMode cacheMode,
            @Setting("time of each access") Duration delay,
            @Setting("whether writes are refused") boolean readOnly,
            @Setting("rate of errors, 0 to 1") double errorRate,
            @Setting("what the guest sees") String serial) {
        /// Checks the queues.
        public DiskSettings {
            if (queues < 1 || queues > 64) {
                throw new IllegalArgumentException("queues: " + queues + " (expected: 1 to 64)");
            }
        }
    }

    /// Remembers the settings it was given.
    public static final class Disk implements DeviceProvider<DiskSettings> {
        /// What the devices were made of, in order.
        public final List<DiskSettings> made = new ArrayList<>();

        @Override
        public String name() {
            return "disk";
        }

        @Override
        public String description() {
            return "A disk.";
        }

        @Override
        public DiskSettings defaults() {
            return new DiskSettings(
                    64 << 20,
                    1,
                    Path.of("disk.img"),
                    CacheMode.WRITE_BACK,
                    Duration.ofMillis(5),
                    false,
                    0.0,
                    "");
        }

        @Override
        public Device create(DiskSettings settings) {
            if (settings.readOnly() && settings.errorRate() > 0) {
                throw new IllegalArgumentException(
                        "error-rate: " + settings.errorRate() + " (expected: 0 when read-only)");
            }
            made.add(settings);
            return new Blank();
        }
    }

    /// Has no settings.
    public static final class Plain implements DeviceProvider<NoSettings> {
        @Override
        public String name() {
            return "plain";
        }

        @Override
        public String description() {
            return "Nothing to set.";
        }

        @Override
        public NoSettings defaults() {
            return new NoSettings();
        }

        @Override
        public Device create(NoSettings settings) {
            return new Blank();
        }
    }

    /// Has a setting that cannot be written as text.
    public static final class Odd implements DeviceProvider<Odd.OddSettings> {
        /// A list is no kind of setting.
        public record OddSettings(List<String> names) {}

        @Override
        public String name() {
            return "odd";
        }

        @Override
        public String description() {
            return "Cannot be used.";
        }

        @Override
        public OddSettings defaults() {
            return new OddSettings(List.of());
        }

        @Override
        public Device create(OddSettings settings) {
            return new Blank();
        }
    }

    /// Has parts that come in several kinds.
    public static final class Stacked implements DeviceProvider<Stacked.StackedSettings> {
        /// What the devices were made of, in order.
        public final List<StackedSettings> made = new ArrayList<>();

        /// Two choices beside a plain setting.
        public record StackedSettings(
                @Setting("blocks") int blocks,
                @Setting("where the blocks are") Variants backend,
                @Setting("what stands before it") Variants filters) {}

        /// Of the kind `file`.
        public record FileSettings(@Setting("the file") Path path, boolean direct) {}

        /// Of the kind `memory`.
        public record MemorySettings(@Setting("bytes") long size) {}

        /// Of the kind `delay`; has a setting that `slow` has, too.
        public record DelaySettings(Duration delay) {}

        @Override
        public String name() {
            return "stacked";
        }

        @Override
        public String description() {
            return "Settings with settings.";
        }

        @Override
        public StackedSettings defaults() {
            return new StackedSettings(
                    8, Variants.of(new Variant("memory", new MemorySettings(4096))), Variants.of());
        }

        @Override
        public List<Variant> variants(String component) {
            return component.equals("backend")
                    ? List.of(new Variant("file", new FileSettings(Path.of("disk.img"), false)))
                    : List.of(
                            new Variant("delay", new DelaySettings(Duration.ZERO)),
                            new Variant("slow", new DelaySettings(Duration.ZERO)));
        }

        @Override
        public Device create(StackedSettings settings) {
            made.add(settings);
            return new Blank();
        }
    }

    private static final class Blank implements Device {
        @Override
        public DeviceLayout layout() {
            return DeviceLayout.pci(0x1234, 0x5678).build();
        }
    }
}
