package io.vfiouser.trace.replay;

import io.vfiouser.device.Setting;
import java.nio.file.Path;
import java.util.Objects;

/// The settings of [ReplayDevice].
///
/// @param file the recording
/// @param device whose messages are played: its name in the recording; empty for the first one
/// @param session counts the clients of the device, from 1; 0 for the first in the recording
/// @param ignore places whose values may differ, such as `BAR0 ASQ;BAR0+0x30`, with `;` between
/// @param strict whether accesses that depart from the recording are refused with `EIO`, or
///   answered as well as may be
/// @param memory whether recorded contents of client memory are written where they were then
public record ReplayDeviceSettings(
        @Setting("the recording, as serve --record and proxy --record make it") Path file,
        @Setting("whose messages are played: a name in the recording; the first unless given")
                String device,
        @Setting("which client of the device, from 1; 0 for the first") int session,
        @Setting("registers whose values may differ, as in 'BAR0 ASQ;BAR0+0x30'") String ignore,
        @Setting("refuse accesses that depart from the recording with EIO") boolean strict,
        @Setting("write recorded contents of client memory where they were then") boolean memory) {
    /// The first client of the first device; the file has to be given.
    public static final ReplayDeviceSettings DEFAULTS =
            new ReplayDeviceSettings(Path.of(""), "", 0, "", false, false);

    /// Checks the ranges.
    public ReplayDeviceSettings {
        Objects.requireNonNull(file, "file");
        Objects.requireNonNull(device, "device");
        Objects.requireNonNull(ignore, "ignore");
        if (session < 0) {
            throw new IllegalArgumentException("session: " + session + " (expected: at least 0)");
        }
    }

    /// The same for another file.
    public ReplayDeviceSettings withFile(Path recording) {
        return new ReplayDeviceSettings(recording, device, session, ignore, strict, memory);
    }

    /// The same for one session of one device.
    public ReplayDeviceSettings of(String name, int number) {
        return new ReplayDeviceSettings(file, name, number, ignore, strict, memory);
    }

    /// The same with values that may differ.
    public ReplayDeviceSettings ignoring(String places) {
        return new ReplayDeviceSettings(file, device, session, places, strict, memory);
    }

    /// The same, refusing what departs from the recording, or not.
    public ReplayDeviceSettings withStrict(boolean refuses) {
        return new ReplayDeviceSettings(file, device, session, ignore, refuses, memory);
    }

    /// The same with client memory, or without.
    public ReplayDeviceSettings withMemory(boolean written) {
        return new ReplayDeviceSettings(file, device, session, ignore, strict, written);
    }
}
