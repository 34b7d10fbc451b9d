/// Captures and recordings, which are the same thing: pcapng files that Wireshark reads.
/// [io.vfiouser.trace.capture.Capture] writes while devices are at work,
/// [io.vfiouser.trace.capture.CaptureReader] reads. The format is in `docs/trace.md`.
@NullMarked
package io.vfiouser.trace.capture;

import org.jspecify.annotations.NullMarked;
