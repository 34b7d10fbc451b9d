package io.vfiouser.devices.serial.stream;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;

/// Streams of the process as channels, which stay open when the channel is closed.
final class StandardStreams {
    private StandardStreams() {}

    static ReadableByteChannel from(InputStream stream) {
        return new ReadableByteChannel() {
            @Override
            public int read(ByteBuffer into) throws IOException {
                byte[] bytes = new byte[into.remaining()];
                int count = stream.read(bytes);
                if (count > 0) {
                    into.put(bytes, 0, count);
                }
                return count;
            }

            @Override
            public boolean isOpen() {
                return true;
            }

            @Override
            public void close() {}
        };
    }

    static WritableByteChannel to(OutputStream stream) {
        return new WritableByteChannel() {
            @Override
            public int write(ByteBuffer from) throws IOException {
                byte[] bytes = new byte[from.remaining()];
                from.get(bytes);
                stream.write(bytes);
                stream.flush();
                return bytes.length;
            }

            @Override
            public boolean isOpen() {
                return true;
            }

            @Override
            public void close() {}
        };
    }
}
