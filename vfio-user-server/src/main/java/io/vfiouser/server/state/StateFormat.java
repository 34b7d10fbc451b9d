package io.vfiouser.server.state;

import io.vfiouser.os.FdBundle;
import io.vfiouser.server.image.Image;
import io.vfiouser.server.image.ImageException;
import io.vfiouser.server.image.ImageReader;
import io.vfiouser.server.image.ImageWriter;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32C;

/// The bytes of a state file, all numbers big-endian:
///
/// | bytes | what                                                            |
/// |-------|-----------------------------------------------------------------|
/// | 8     | `vfioustt`                                                      |
/// | 4     | version of the format, 1                                        |
/// | 4     | size of the whole file                                          |
/// | rest  | the fields of [SavedState] in their order, a count before each  |
/// | 4     | CRC32C of all before it                                         |
final class StateFormat {
    /// The most that a file may have: what a device may save, and 1 MiB.
    static final int MAX_SIZE = 257 << 20;

    private static final long MAGIC = 0x7666_696f_7573_7474L;
    private static final int VERSION = 1;
    private static final int HEAD = 16;
    private static final int TAIL = 4;

    private StateFormat() {}

    static byte[] encode(SavedState saved) {
        byte[] fields;
        try (var out = new ImageWriter()) {
            fields =
                    out.text(saved.device())
                            .text(saved.shape())
                            .bytes(saved.functions())
                            .bytes(saved.state())
                            .finish()
                            .bytes();
        }
        int size = HEAD + fields.length + TAIL;
        if (size > MAX_SIZE) {
            throw new StateException(
                    "state: %d bytes (expected: at most %d)".formatted(size, MAX_SIZE));
        }
        var file = ByteBuffer.allocate(size).putLong(MAGIC).putInt(VERSION).putInt(size);
        file.put(fields).putInt(checksum(file.array(), size - TAIL));
        return file.array();
    }

    static SavedState decode(byte[] file) {
        if (file.length < HEAD + TAIL) {
            throw new StateException(
                    "%d bytes (expected: at least %d)".formatted(file.length, HEAD + TAIL));
        }
        var in = ByteBuffer.wrap(file);
        if (in.getLong() != MAGIC) {
            throw new StateException("some other file (expected: one that begins with vfioustt)");
        }
        int version = in.getInt();
        if (version != VERSION) {
            throw new StateException(
                    "version: %d (expected: %d, that of this server)".formatted(version, VERSION));
        }
        int size = in.getInt();
        if (size != file.length) {
            throw new StateException(
                    "%d bytes (expected: %d, as is said in it)".formatted(file.length, size));
        }
        int checksum = checksum(file, size - TAIL);
        int expected = in.getInt(size - TAIL);
        if (checksum != expected) {
            throw new StateException(
                    "CRC32C: 0x%08x (expected: 0x%08x, as is said in it)"
                            .formatted(checksum, expected));
        }
        return fields(Arrays.copyOfRange(file, HEAD, size - TAIL));
    }

    private static SavedState fields(byte[] bytes) {
        var in = new ImageReader(new Image(bytes, FdBundle.empty()));
        try {
            var saved = new SavedState(in.text(), in.text(), in.bytes(), in.bytes());
            if (in.hasMore()) {
                throw new StateException("bytes behind the last field (expected: none)");
            }
            return saved;
        } catch (ImageException e) {
            throw new StateException(String.valueOf(e.getMessage()), e);
        }
    }

    private static int checksum(byte[] bytes, int count) {
        var crc = new CRC32C();
        crc.update(bytes, 0, count);
        return (int) crc.getValue();
    }
}
