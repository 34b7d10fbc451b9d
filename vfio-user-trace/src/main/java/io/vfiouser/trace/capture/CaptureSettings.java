package io.vfiouser.trace.capture;

/// How a capture is made.
///
/// @param memory bytes of client memory whose contents are recorded too, for a replay of what a
///   device does by DMA; 0 for none. All of it is looked at for each message, so little is better
/// @param fileSize bytes after which a file is put aside and a new one is begun; 0 for one file
///   without a limit
/// @param keptFiles how many files that were put aside are kept, the oldest goes first
public record CaptureSettings(long memory, long fileSize, int keptFiles) {
    /// Messages only, in one file.
    public static final CaptureSettings DEFAULTS = new CaptureSettings(0, 0, 4);

    /// Below that a file could not hold one message.
    private static final long MIN_FILE_SIZE = 1 << 20;

    /// Checks the numbers.
    public CaptureSettings {
        if (memory < 0) {
            throw new IllegalArgumentException("memory: " + memory + " (expected: at least 0)");
        }
        if (fileSize != 0 && fileSize < MIN_FILE_SIZE) {
            throw new IllegalArgumentException(
                    "fileSize: " + fileSize + " (expected: 0, or at least " + MIN_FILE_SIZE + ")");
        }
        if (keptFiles < 0) {
            throw new IllegalArgumentException(
                    "keptFiles: " + keptFiles + " (expected: at least 0)");
        }
    }

    /// The same with another limit of recorded client memory.
    public CaptureSettings withMemory(long bytes) {
        return new CaptureSettings(bytes, fileSize, keptFiles);
    }

    /// The same with another limit of a file.
    public CaptureSettings withFileSize(long bytes) {
        return new CaptureSettings(memory, bytes, keptFiles);
    }
}
