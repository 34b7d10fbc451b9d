package io.vfiouser.server.session;

import io.netty.buffer.ByteBuf;
import io.vfiouser.codec.CapabilitiesJson;
import io.vfiouser.codec.MessageDecoder;
import io.vfiouser.codec.MessageEncoder;
import io.vfiouser.codec.WireTrace;
import io.vfiouser.device.migration.Migratable;
import io.vfiouser.device.migration.StateSink;
import io.vfiouser.os.Errno;
import io.vfiouser.protocol.Command;
import io.vfiouser.protocol.Dialect;
import io.vfiouser.protocol.Reply;
import io.vfiouser.protocol.Version;
import io.vfiouser.server.dispatch.CommandRunner;
import io.vfiouser.server.dispatch.Dispatcher;
import io.vfiouser.server.options.Limit;
import io.vfiouser.server.options.Limits;
import io.vfiouser.server.peer.Peer;
import io.vfiouser.server.peer.PeerCalls;
import io.vfiouser.server.peer.PeerTraits;
import io.vfiouser.server.region.RegionTable;

/// The protocol of today.
public enum CurrentDialect implements ServerDialect {
    /// Nothing in it differs from device to device.
    INSTANCE;

    @Override
    public int regionCount() {
        return RegionTable.COUNT;
    }

    @Override
    public int regionRead() {
        return Command.REGION_READ.id();
    }

    @Override
    public int regionWrite() {
        return Command.REGION_WRITE.id();
    }

    @Override
    public int migrationRead() {
        return Command.MIG_DATA_READ.id();
    }

    @Override
    public Version version(ByteBuf frame, CapabilitiesJson json) {
        return (Version) MessageDecoder.clientRequest(frame, json);
    }

    @Override
    public Version.Reply answer(Version request, Limits limits, boolean migrates) {
        return Negotiator.reply(request, limits, migrates);
    }

    @Override
    public boolean grantsTwinSocket(Version request) {
        return Negotiator.grantsTwinSocket(request);
    }

    @Override
    public void encode(ByteBuf out, int messageId, int command, Reply reply) {
        MessageEncoder.encode(out, messageId, command, reply);
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
        MessageEncoder.startRegionReply(out, messageId, command, region, offset, count, dataSize);
    }

    @Override
    public void startErrorReply(ByteBuf out, int messageId, int command, Errno errno, int padding) {
        MessageEncoder.startErrorReply(out, messageId, command, errno, padding);
    }

    @Override
    public int errorPadding(ByteBuf frame, int maxTransferSize) {
        return ErrorPadding.size(frame, maxTransferSize);
    }

    @Override
    public String commandName(int command) {
        return WireTrace.name(command, Dialect.CURRENT);
    }

    @Override
    public String trace(ByteBuf frame) {
        return WireTrace.describe(frame);
    }

    @Override
    public StateSink load(Migratable device) {
        return device.load();
    }

    @Override
    public Peer peer(SessionParts parts) {
        int maxTransferSize = parts.limits().count(Limit.MAX_TRANSFER_SIZE);
        return new PeerCalls(
                parts.loop(),
                parts.requests(),
                PeerTraits.of(parts.client(), maxTransferSize),
                parts.limits().count(Limit.MAX_PEER_CALLS),
                parts.limits().duration(Limit.PEER_CALL_TIMEOUT));
    }

    @Override
    public CommandRunner commands(SessionParts parts, Dispatcher today) {
        return today;
    }
}
