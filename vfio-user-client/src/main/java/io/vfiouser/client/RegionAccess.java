package io.vfiouser.client;

import io.vfiouser.protocol.Command;

/// Reads and writes of one region by messages, for a thread that waits for each.
///
/// Offsets count from the start of the region and are unsigned.
final class RegionAccess {
    private final Blocking blocking;
    private final int region;

    RegionAccess(Blocking blocking, int region) {
        this.blocking = blocking;
        this.region = region;
    }

    long read(long offset, int width) {
        Values.checkWidth(width);
        byte[] bytes = readBytes(offset, width);
        ReplyCheck.expectAll(width, bytes.length, Command.REGION_READ.id());
        return Values.fromBytes(bytes);
    }

    byte[] readBytes(long offset, int count) {
        return blocking.await(blocking.commands().regionRead(region, offset, count));
    }

    void write(long offset, int width, long value) {
        writeBytes(offset, Values.toBytes(value, width));
    }

    void writeBytes(long offset, byte[] data) {
        int written = blocking.await(blocking.commands().regionWrite(region, offset, data));
        ReplyCheck.expectAll(data.length, written, Command.REGION_WRITE.id());
    }

    /// Does not wait for the server, except for room in the socket if it does not keep up.
    void post(long offset, int width, long value) {
        var sent = blocking.commands().regionPost(region, offset, Values.toBytes(value, width));
        if (!blocking.hasRoom()) {
            blocking.await(sent);
        }
    }
}
