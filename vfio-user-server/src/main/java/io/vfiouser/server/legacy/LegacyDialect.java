package io.vfiouser.server.legacy;

import io.netty.buffer.ByteBuf;
import io.vfiouser.codec.CapabilitiesJson;
import io.vfiouser.codec.LegacyDecoder;
import io.vfiouser.codec.LegacyEncoder;
import io.vfiouser.codec.RequestRejectedException;
import io.vfiouser.codec.WireTrace;
import io.vfiouser.device.migration.Migratable;
import io.vfiouser.device.migration.StateSink;
import io.vfiouser.os.Errno;
import io.vfiouser.protocol.Capabilities;
import io.vfiouser.protocol.Capabilities.Migration;
import io.vfiouser.protocol.Dialect;
import io.vfiouser.protocol.ErrorReply;
import io.vfiouser.protocol.LegacyCommand;
import io.vfiouser.protocol.LegacyFormat;
import io.vfiouser.protocol.LegacyRequest;
import io.vfiouser.protocol.Reply;
import io.vfiouser.protocol.Version;
import io.vfiouser.protocol.WireFormat;
import io.vfiouser.server.dispatch.CommandRunner;
import io.vfiouser.server.dispatch.Dispatcher;
import io.vfiouser.server.dma.DirtyLog;
import io.vfiouser.server.options.Limit;
import io.vfiouser.server.options.Limits;
import io.vfiouser.server.peer.Peer;
import io.vfiouser.server.session.ServerDialect;
import io.vfiouser.server.session.SessionParts;

/// The protocol of February 2021, version 0.1.
///
/// Where its first library goes wrong, this server does what that time's text says: errors are true
/// errnos, and not negated in VERSION; messages are taken in pieces; interrupts can be disabled;
/// bitmaps of dirty pages are cleared when they are read.
public enum LegacyDialect implements ServerDialect {
    /// Nothing in it differs from device to device.
    INSTANCE;

    @Override
    public int regionCount() {
        return LegacyFormat.REGION_COUNT;
    }

    @Override
    public int regionRead() {
        return LegacyCommand.REGION_READ.id();
    }

    @Override
    public int regionWrite() {
        return LegacyCommand.REGION_WRITE.id();
    }

    @Override
    public int migrationRead() {
        return NO_COMMAND;
    }

    @Override
    public Version version(ByteBuf frame, CapabilitiesJson json) {
        var same = (LegacyRequest.Same) LegacyDecoder.clientRequest(frame, json);
        return (Version) same.request();
    }

    /// A client whose dirty pages are of another size than ours is refused, as the dialect has no
    /// way to agree on one.
    @Override
    public Version.Reply answer(Version request, Limits limits, boolean migrates) {
        if (request.major() != WireFormat.MAJOR_VERSION) {
            throw new RequestRejectedException(
                    Errno.ENOTSUP,
                    "version: %d.%d (expected: major %d)"
                            .formatted(request.major(), request.minor(), WireFormat.MAJOR_VERSION));
        }
        Migration migration = request.capabilities().migration();
        if (migrates && migration.supported() && migration.pageSize() != DirtyLog.SMALLEST_PAGE) {
            throw new RequestRejectedException(
                    Errno.EINVAL,
                    "migration.pgsize: %d (expected: %d)"
                            .formatted(migration.pageSize(), DirtyLog.SMALLEST_PAGE));
        }
        Capabilities offered =
                Capabilities.DEFAULTS.withMaxMsgFds(limits.count(Limit.ANNOUNCED_DESCRIPTORS));
        return new Version.Reply(
                WireFormat.MAJOR_VERSION,
                Math.min(request.minor(), LegacyFormat.MINOR_VERSION),
                migrates ? offered.withMigration(Migration.of(DirtyLog.SMALLEST_PAGE)) : offered);
    }

    @Override
    public boolean grantsTwinSocket(Version request) {
        return false;
    }

    @Override
    public void encode(ByteBuf out, int messageId, int command, Reply reply) {
        LegacyEncoder.encode(out, messageId, reply);
    }

    @Override
    public void startRegionReply(
            ByteBuf out,
            int messageId,
            int command,
            int region,
            long offset,
            int count,
            int dataSize) {
        LegacyEncoder.startRegionReply(out, messageId, region, offset, count, dataSize);
    }

    /// There is never a body.
    @Override
    public void startErrorReply(ByteBuf out, int messageId, int command, Errno errno, int padding) {
        LegacyEncoder.encode(out, messageId, new ErrorReply(errno));
    }

    @Override
    public int errorPadding(ByteBuf frame, int maxTransferSize) {
        return 0;
    }

    @Override
    public String commandName(int command) {
        return WireTrace.name(command, Dialect.LEGACY);
    }

    @Override
    public String trace(ByteBuf frame) {
        return WireTrace.describe(frame, Dialect.LEGACY);
    }

    @Override
    public StateSink load(Migratable device) {
        return device.legacyLoad();
    }

    @Override
    public Peer peer(SessionParts parts) {
        return new LegacyPeer(parts);
    }

    @Override
    public CommandRunner commands(SessionParts parts, Dispatcher today) {
        return LegacyCommands.of(parts, today);
    }
}
