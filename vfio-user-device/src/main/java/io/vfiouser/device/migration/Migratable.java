package io.vfiouser.device.migration;

import io.vfiouser.device.outcome.Completion;

/// A device whose state can move to another process while the guest lives on (spec:
/// "VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE").
///
/// The server keeps the states and arcs of the protocol and calls each method once per arc; the
/// device sees neither states nor messages. State is what the device has beyond its config space
/// and the client's memory: registers, queues, a raised INTx. A client restores the config space
/// itself, by writing it before the device is started.
///
/// All calls come on the device's loop, one at a time, and the device is quiet
/// ([io.vfiouser.device.Device#quiesce]) during [#stop], [#start], [#save] and [#load]. A stopped
/// device stays quiet: [io.vfiouser.device.Device#resume] comes after it is started, not before. So
/// a device that does nothing while it is quiet need not keep track of being stopped.
///
/// A device whose state is kept over a planned stop (`docs/state.md`) is loaded while no client is
/// there; `attach` and [#start] follow when one has come.
///
/// A [io.vfiouser.device.outcome.DeviceException] from any of these calls says: refused, and the
/// device is as it was before. The client gets its errno and the migration state stays. Anything
/// else that is thrown says that nobody knows in what condition the device is: the client gets
/// `EIO`, the migration state is ERROR, and only a reset leads out of it.
public interface Migratable {
    /// Stops the device: from now on no DMA, no interrupt, no register that changes by itself. It
    /// still answers register accesses, and may be reset.
    default Completion stop() {
        return Completion.DONE;
    }

    /// Lets the device run: after [#stop], or with the state that was loaded, or after the reset of
    /// a stopped device.
    default Completion start() {
        return Completion.DONE;
    }

    /// Opens the stream of what has to be saved. There is one at a time: the one of PRE_COPY is
    /// closed when that of STOP_COPY has been opened.
    ///
    /// The other side loads all that was read, in order, so whatever comes in STOP_COPY follows
    /// what came in PRE_COPY. A client may drop what it read in PRE_COPY only if it knows that the
    /// device starts over.
    ///
    /// @param phase PRE_COPY only if [#preCopy]
    /// @return closed by the server at the end of the phase, also if not all of it was read
    StateSource save(SavePhase phase);

    /// Opens the stream that takes the state of another device of this kind. The device is stopped.
    StateSink load();

    /// Opens the stream for a client of the legacy dialect, whose writes are the very pieces that
    /// were read at the source: what one look at the state gave, up to [#legacyAreaSize]. A device
    /// whose STOP_COPY starts over can tell by them; any other just loads.
    default StateSink legacyLoad() {
        return load();
    }

    /// Whether state can be saved while the device runs.
    default boolean preCopy() {
        return false;
    }

    /// How large the data area of the migration region is that clients of the legacy dialect see:
    /// so much state they take or give at a time. Clients of today see no such region.
    ///
    /// @return bytes, a multiple of 4096 from 4096 to 1 GiB; 1 MiB unless the device wants it
    ///   otherwise
    default int legacyAreaSize() {
        return 1 << 20;
    }
}
