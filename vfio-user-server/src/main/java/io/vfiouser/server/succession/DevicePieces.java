package io.vfiouser.server.succession;

import io.netty.channel.unix.FileDescriptor;
import io.vfiouser.os.FdBundle;
import io.vfiouser.server.image.Image;
import io.vfiouser.server.image.ImageException;
import io.vfiouser.server.image.ImageReader;
import io.vfiouser.server.image.ImageWriter;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// The image of one device in pieces, as a message takes only so many bytes and descriptors.
final class DevicePieces implements AutoCloseable {
    private static final int MAX_BYTES = 1 << 20;
    private static final int MAX_DESCRIPTORS = 240;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private List<FileDescriptor> descriptors = new ArrayList<>();

    /// Sends an image, which is owned by this call.
    static void send(Link link, String name, Image image) {
        try (image) {
            byte[] all = image.bytes();
            int count = image.descriptors().count();
            int sentBytes = 0;
            int sent = 0;
            do {
                int size = Math.min(MAX_BYTES, all.length - sentBytes);
                int number = Math.min(MAX_DESCRIPTORS, count - sent);
                boolean last = sentBytes + size == all.length && sent + number == count;
                List<FileDescriptor> taken = new ArrayList<>(number);
                try (var out = new ImageWriter()) {
                    out.text(name).flag(last);
                    out.bytes(Arrays.copyOfRange(all, sentBytes, sentBytes + size));
                    byte[] body = out.finish().bytes();
                    for (int i = 0; i < number; i++) {
                        taken.add(image.descriptors().take(sent + i));
                    }
                    var _ = link.post(Step.DEVICE, new Image(body, FdBundle.ofOwned(taken)));
                }
                sentBytes += size;
                sent += number;
            } while (sentBytes < all.length || sent < count);
        }
    }

    /// The name of the device of which this is a piece.
    static String name(ImageReader piece) {
        return piece.text();
    }

    /// Adds a piece, behind its name.
    ///
    /// @param content with the piece's descriptors, which are taken
    /// @return the whole, if this was the last piece; owned by the caller
    Optional<Image> add(ImageReader piece, Image content) {
        boolean last = piece.flag();
        bytes.writeBytes(piece.bytes());
        FdBundle more = content.descriptors();
        for (int i = 0; i < more.count(); i++) {
            descriptors.add(more.take(i));
        }
        if (piece.hasMore()) {
            throw new ImageException("piece: longer than it says (expected: its end)");
        }
        if (!last) {
            return Optional.empty();
        }
        var whole = new Image(bytes.toByteArray(), FdBundle.ofOwned(descriptors));
        descriptors = new ArrayList<>();
        return Optional.of(whole);
    }

    @Override
    public void close() {
        FdBundle.ofOwned(descriptors).close();
        descriptors = new ArrayList<>();
    }
}
