package io.vfiouser.os;

import java.util.Optional;
import java.util.OptionalInt;

/// An error number of Linux, as a system call reports it and as the error field of a reply carries
/// it.
///
/// Any number is accepted, also ones that no kernel uses: a peer chooses what it sends.
///
/// @param number the errno, 1 to 133 for those that Linux gives to programs
public record Errno(int number) {
    /// 1: operation not permitted.
    public static final Errno EPERM = of(1);

    /// 2: no such file or directory.
    public static final Errno ENOENT = of(2);

    /// 3: no such process.
    public static final Errno ESRCH = of(3);

    /// 4: interrupted system call.
    public static final Errno EINTR = of(4);

    /// 5: input/output error.
    public static final Errno EIO = of(5);

    /// 6: no such device or address.
    public static final Errno ENXIO = of(6);

    /// 7: argument list too long.
    public static final Errno E2BIG = of(7);

    /// 9: bad file descriptor.
    public static final Errno EBADF = of(9);

    /// 11: resource temporarily unavailable.
    public static final Errno EAGAIN = of(11);

    /// 12: cannot allocate memory.
    public static final Errno ENOMEM = of(12);

    /// 13: permission denied.
    public static final Errno EACCES = of(13);

    /// 14: bad address.
    public static final Errno EFAULT = of(14);

    /// 16: device or resource busy.
    public static final Errno EBUSY = of(16);

    /// 17: file exists.
    public static final Errno EEXIST = of(17);

    /// 19: no such device.
    public static final Errno ENODEV = of(19);

    /// 22: invalid argument.
    public static final Errno EINVAL = of(22);

    /// 23: too many open files in system.
    public static final Errno ENFILE = of(23);

    /// 24: too many open files.
    public static final Errno EMFILE = of(24);

    /// 25: inappropriate ioctl for device.
    public static final Errno ENOTTY = of(25);

    /// 27: file too large.
    public static final Errno EFBIG = of(27);

    /// 28: no space left on device.
    public static final Errno ENOSPC = of(28);

    /// 29: illegal seek.
    public static final Errno ESPIPE = of(29);

    /// 30: read-only file system.
    public static final Errno EROFS = of(30);

    /// 32: broken pipe.
    public static final Errno EPIPE = of(32);

    /// 34: numerical result out of range.
    public static final Errno ERANGE = of(34);

    /// 36: file name too long.
    public static final Errno ENAMETOOLONG = of(36);

    /// 38: function not implemented.
    public static final Errno ENOSYS = of(38);

    /// 42: no message of desired type.
    public static final Errno ENOMSG = of(42);

    /// 71: protocol error.
    public static final Errno EPROTO = of(71);

    /// 75: value too large for defined data type.
    public static final Errno EOVERFLOW = of(75);

    /// 90: message too long.
    public static final Errno EMSGSIZE = of(90);

    /// 95: operation not supported.
    public static final Errno ENOTSUP = of(95);

    /// 97: address family not supported.
    public static final Errno EAFNOSUPPORT = of(97);

    /// 98: address already in use.
    public static final Errno EADDRINUSE = of(98);

    /// 103: software caused connection abort.
    public static final Errno ECONNABORTED = of(103);

    /// 104: connection reset by peer.
    public static final Errno ECONNRESET = of(104);

    /// 105: no buffer space available.
    public static final Errno ENOBUFS = of(105);

    /// 106: transport endpoint is already connected.
    public static final Errno EISCONN = of(106);

    /// 107: transport endpoint is not connected.
    public static final Errno ENOTCONN = of(107);

    /// 108: cannot send after transport endpoint shutdown.
    public static final Errno ESHUTDOWN = of(108);

    /// 110: connection timed out.
    public static final Errno ETIMEDOUT = of(110);

    /// 111: connection refused.
    public static final Errno ECONNREFUSED = of(111);

    /// 114: operation already in progress.
    public static final Errno EALREADY = of(114);

    /// 115: operation now in progress.
    public static final Errno EINPROGRESS = of(115);

    /// 125: operation canceled.
    public static final Errno ECANCELED = of(125);

    /// The error of that number.
    ///
    /// @param number any value; unknown ones are kept
    public static Errno of(int number) {
        return new Errno(number);
    }

    /// The error with this symbolic name, such as `EINVAL`, if there is one.
    public static Optional<Errno> named(String name) {
        OptionalInt number = ErrnoTable.number(name);
        return number.isPresent() ? Optional.of(of(number.getAsInt())) : Optional.empty();
    }

    /// The symbolic name, such as `EINVAL`, or `errno 523` for a number without one.
    public String name() {
        return ErrnoTable.name(number);
    }

    /// What it means, such as `Invalid argument`, or `Unknown error 523`.
    public String text() {
        return ErrnoTable.text(number);
    }

    /// Same as [#name()].
    @Override
    public String toString() {
        return name();
    }
}
