package io.vfiouser.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.vfiouser.os.FdBundle;
import java.util.ArrayList;
import java.util.List;

/// Keeps a copy of each frame, and the descriptors of each.
final class RecordingHandler implements FrameHandler, AutoCloseable {
    final List<byte[]> frames = new ArrayList<>();
    final List<FdBundle> descriptors = new ArrayList<>();
    final List<ProtocolViolationException> violations = new ArrayList<>();
    int doneCount;
    int endCount;
    boolean takesMore = true;

    @Override
    public void frame(ByteBuf frame, FdBundle fds) {
        frames.add(ByteBufUtil.getBytes(frame));
        descriptors.add(fds);
        // A handler may move the indexes as it likes.
        frame.skipBytes(frame.readableBytes());
    }

    @Override
    public boolean takesMore() {
        return takesMore;
    }

    @Override
    public void framesDone() {
        doneCount++;
    }

    @Override
    public void streamViolated(ProtocolViolationException cause) {
        violations.add(cause);
    }

    @Override
    public void streamEnded() {
        endCount++;
    }

    @Override
    public void close() {
        descriptors.forEach(FdBundle::close);
    }
}
