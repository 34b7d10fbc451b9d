package io.vfiouser.server.dispatch;

import io.vfiouser.codec.ProtocolViolationException;
import io.vfiouser.codec.RequestRejectedException;
import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.os.Errno;
import io.vfiouser.os.MemoryFaults;
import io.vfiouser.os.NativeCallException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/// The one place that decides what survives a throwable.
public final class ErrorMapper {
    private ErrorMapper() {}

    /// What `thrown` means for the command that caused it.
    public static Fault map(Throwable thrown) {
        Throwable cause = unwrap(thrown);
        return switch (cause) {
            case RequestRejectedException rejected ->
                    new Fault.Reject(rejected.errno(), text(rejected));
            case DeviceException refused -> new Fault.Reject(refused.errno(), text(refused));
            case ProtocolViolationException violated -> new Fault.CloseSession(text(violated));
            case NativeCallException failed -> new Fault.Reject(failed.errno(), text(failed));
            case InternalError fault when MemoryFaults.isFault(fault) ->
                    new Fault.Reject(
                            Errno.EFAULT,
                            "client memory is gone (expected: the file behind a DMA_MAP keeps its"
                                    + " size)");
            default -> new Fault.Internal(cause.toString(), cause);
        };
    }

    /// The same failure as something that can be thrown out of a stage.
    static RuntimeException asUnchecked(Throwable error) {
        Throwable cause = unwrap(error);
        if (cause instanceof Error serious) {
            throw serious;
        }
        return cause instanceof RuntimeException unchecked
                ? unchecked
                : new CompletionException(cause);
    }

    private static Throwable unwrap(Throwable thrown) {
        Throwable cause = thrown;
        while ((cause instanceof CompletionException || cause instanceof ExecutionException)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }

    private static String text(Throwable cause) {
        String message = cause.getMessage();
        return message == null ? cause.getClass().getSimpleName() : message;
    }
}
