package io.vfiouser.trace.capture;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vfiouser.codec.MessageEncoder;
import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.device.pci.ConfigSpace;
import io.vfiouser.filters.FilteredRegion;
import io.vfiouser.os.Errno;
import io.vfiouser.protocol.Command.Direction;
import io.vfiouser.protocol.DeviceGetIrqInfo;
import io.vfiouser.protocol.DeviceGetRegionInfo;
import io.vfiouser.protocol.DeviceReset;
import io.vfiouser.protocol.Dialect;
import io.vfiouser.protocol.EmptyReply;
import io.vfiouser.protocol.ErrorReply;
import io.vfiouser.protocol.IrqFlags;
import io.vfiouser.protocol.RegionFlags;
import io.vfiouser.protocol.RegionRead;
import io.vfiouser.protocol.RegionWrite;
import io.vfiouser.protocol.Reply;
import io.vfiouser.protocol.Request;
import io.vfiouser.protocol.WireFormat;
import io.vfiouser.trace.TracedMessage;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletionException;

/// What one client and a device do, as the messages that it would take. On the device's loop, but
/// for interrupts, which come from any thread.
final class RecordedMessages {
    private static final int WORD = 4;

    private final Capture capture;
    private final String device;
    private final long session;
    private int nextId;

    RecordedMessages(Capture capture, String device, long session) {
        this.capture = capture;
        this.device = device;
        this.session = session;
    }

    /// What a client asks first.
    void describe(DeviceLayout layout, List<FilteredRegion> regions, ConfigSpace config) {
        for (FilteredRegion region : regions) {
            exchange(
                    new DeviceGetRegionInfo(WireFormat.REGION_INFO_SIZE, region.index()),
                    new DeviceGetRegionInfo.Reply(
                            WireFormat.REGION_INFO_SIZE,
                            region.index(),
                            RegionFlags.READ_WRITE,
                            region.size(),
                            0,
                            List.of()));
            if (region.isConfig()) {
                byte[] bytes = new byte[config.size()];
                for (int at = 0; at < bytes.length; at += WORD) {
                    Unpooled.wrappedBuffer(bytes).setIntLE(at, config.read(at, WORD));
                }
                read(region.index(), 0, bytes.length).answered(bytes);
            }
        }
        for (IrqIndex index : IrqIndex.values()) {
            exchange(
                    new DeviceGetIrqInfo(index.index()),
                    new DeviceGetIrqInfo.Reply(
                            IrqFlags.EVENTFD_ONLY, index.index(), layout.irqCount(index)));
        }
    }

    /// A client reads.
    Access read(int region, long offset, int count) {
        var request = new RegionRead(region, offset, count);
        return new Access(command(request), request.commandId(), region, offset, count);
    }

    /// A client writes.
    Access write(int region, long offset, byte[] data) {
        var request = new RegionWrite(region, offset, Unpooled.wrappedBuffer(data));
        return new Access(command(request), request.commandId(), region, offset, data.length);
    }

    void reset() {
        exchange(new DeviceReset(), EmptyReply.INSTANCE);
    }

    void interrupt(IrqIndex index, int vector) {
        capture.add(
                new CaptureRecord.Interrupt(Instant.now(), device, session, index.index(), vector));
    }

    void ended() {
        capture.add(new CaptureRecord.SessionEnd(Instant.now(), device, session, "client gone"));
    }

    private void exchange(Request request, Reply reply) {
        reply(command(request), request.commandId(), reply);
    }

    private int command(Request request) {
        int id = nextId++ & 0xffff;
        ByteBuf bytes = Unpooled.buffer();
        MessageEncoder.encode(bytes, id, request, false);
        add(Direction.CLIENT_TO_SERVER, bytes);
        return id;
    }

    private void reply(int id, int command, Reply reply) {
        ByteBuf bytes = Unpooled.buffer();
        MessageEncoder.encode(bytes, id, command, reply);
        add(Direction.SERVER_TO_CLIENT, bytes);
    }

    private void add(Direction direction, ByteBuf bytes) {
        capture.add(
                new CaptureRecord.Message(
                        new TracedMessage(
                                Instant.now(),
                                device,
                                session,
                                direction,
                                false,
                                Dialect.CURRENT,
                                bytes,
                                List.of())));
    }

    /// An access that has no answer yet.
    final class Access {
        private final int id;
        private final int command;
        private final int region;
        private final long offset;
        private final int count;

        private Access(int id, int command, int region, long offset, int count) {
            this.id = id;
            this.command = command;
            this.region = region;
            this.offset = offset;
            this.count = count;
        }

        /// @param data what was read; empty for a write
        void answered(byte[] data) {
            reply(
                    id,
                    command,
                    data.length > 0
                            ? new RegionRead.Reply(region, offset, Unpooled.wrappedBuffer(data))
                            : new RegionWrite.Reply(region, offset, count));
        }

        void refused(Throwable error) {
            Throwable cause = error;
            while (cause instanceof CompletionException && cause.getCause() != null) {
                cause = cause.getCause();
            }
            Errno errno = cause instanceof DeviceException chosen ? chosen.errno() : Errno.EIO;
            reply(id, command, new ErrorReply(errno));
        }
    }
}
