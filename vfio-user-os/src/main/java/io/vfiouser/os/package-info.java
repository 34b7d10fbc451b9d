/// The native door: the system calls that Java and Netty lack, with errno, ownership and life cycle
/// turned into Java.
///
/// Start at [io.vfiouser.os.MessageSocket] (bytes with descriptors), [io.vfiouser.os.Mapping]
/// (memory of another process) and [io.vfiouser.os.EventFd] (interrupts and doorbells). A call that
/// fails throws [io.vfiouser.os.NativeCallException]. Call
/// [io.vfiouser.os.Platform#ensureSupported()] once before anything else.
@NullMarked
package io.vfiouser.os;

import org.jspecify.annotations.NullMarked;
