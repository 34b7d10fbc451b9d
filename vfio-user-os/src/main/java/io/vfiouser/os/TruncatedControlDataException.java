package io.vfiouser.os;

/// Descriptors of a received message were lost, so the stream can no longer be trusted.
///
/// Either the peer sent more than there was room for, or this process has reached its limit of open
/// files. Those that did arrive have been closed. The only way on is to close the connection.
public final class TruncatedControlDataException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    TruncatedControlDataException(int arrived, int room) {
        super(
                "descriptors received: %d, others lost (expected: at most %d in one message,"
                                .formatted(arrived, room)
                        + " and open files below RLIMIT_NOFILE)");
    }
}
