package io.vfiouser.device.migration;

import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.os.Errno;
import io.vfiouser.os.FdBundle;

/// How a device goes on in another process on the same machine while its client stays connected: a
/// hot restart (`docs/hot-restart.md`).
///
/// It differs from live migration in that nothing but the process changes. The guest goes on
/// running, so client memory and memory that clients have mapped are not saved and must not be
/// written by [#load]. The server itself carries config space, interrupts, eventfds and the memory
/// behind mappable regions over; a device gives its registers as a stream ([#save]) and what it has
/// in open files ([#files]).
///
/// In the old process: [io.vfiouser.device.Device#quiesce], [#stop], [#save], [#files]; then either
/// it is closed, or, if the other process cannot take over, [#start] and
/// [io.vfiouser.device.Device#resume]. In the new process: [#takeFiles],
/// [io.vfiouser.device.Device#attach] and `memoryMapped` if a client is there, `quiesce`, [#stop],
/// [#load], and, once the old process has let go, [#start] and `resume`; or it is closed. All calls
/// come on the device's loop.
///
/// What is thrown means that the device cannot go along: the takeover is given up, for all devices
/// of the server, and the old process goes on.
public interface Handover {
    /// As the device migrates: for a device all of whose state is in what it saves.
    static Handover of(Migratable device) {
        return new MigratableHandover(device);
    }

    /// Stops the device, as [Migratable#stop].
    default Completion stop() {
        return Completion.DONE;
    }

    /// Lets the device run, as [Migratable#start].
    default Completion start() {
        return Completion.DONE;
    }

    /// Opens the stream of what has to go along. The device is stopped.
    StateSource save();

    /// Opens the stream that takes it.
    StateSink load();

    /// The open files that go along, in an order that [#takeFiles] knows.
    ///
    /// @return duplicates, owned by the caller
    default FdBundle files() {
        return FdBundle.empty();
    }

    /// Takes the open files of the device before. Nothing has used this device yet.
    ///
    /// @param files what [#files] gave in the other process; what is not taken out is closed
    default void takeFiles(FdBundle files) {
        if (!files.isEmpty()) {
            throw new DeviceException(
                    Errno.EINVAL, "files: " + files.count() + " (expected: none)");
        }
    }
}
