package io.vfiouser.os;

import java.util.Objects;

/// A system call that came back with an error: which call, which error, with what arguments.
public final class NativeCallException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String call;
    private final int number;

    /// Describes a call that came back with an error.
    ///
    /// @param call name of the call, such as `mmap`
    /// @param errno what it reported
    /// @param arguments the arguments that matter, as `name=value` pairs; may be empty
    public NativeCallException(String call, Errno errno, String arguments) {
        super(call + "(" + arguments + "): " + errno.name() + " (" + errno.text() + ")");
        this.call = Objects.requireNonNull(call, "call");
        this.number = errno.number();
    }

    /// The error that the call reported.
    public Errno errno() {
        return Errno.of(number);
    }

    /// The name of the call, such as `mmap`.
    public String call() {
        return call;
    }
}
