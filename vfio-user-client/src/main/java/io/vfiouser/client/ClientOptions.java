package io.vfiouser.client;

import io.netty.channel.EventLoopGroup;
import io.vfiouser.client.memory.DmaDialect;
import io.vfiouser.client.memory.DmaResponder;
import io.vfiouser.protocol.Capabilities;
import io.vfiouser.protocol.Dialect;
import io.vfiouser.protocol.LegacyFormat;
import io.vfiouser.protocol.WireFormat;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/// How a client behaves towards the server and its caller.
///
/// @param minorVersion highest minor version to propose, 0 to 65535; 2 by default
/// @param capabilities limits to propose; by default those of QEMU: 16 descriptors in a message, 1
///   MiB of data, migration with 4096-byte pages, `write_multiple`
/// @param sendCapabilities whether `VERSION` carries the limits at all; SPDK leaves them out
/// @param fixedMessageId the id of every command, 0 to 65535; by default ids count up from 0
/// @param timeout how long one call waits for its reply; 5 s by default
/// @param eventLoopGroup the caller's loops, which must run on Netty's epoll transport and outlive
///   the client; by default one loop of the client's own, a daemon thread
/// @param dmaResponder what answers `DMA_READ` and `DMA_WRITE`; by default what the client has
///   mapped
/// @param dmaDialect the layout of those answers; [DmaDialect#LEGACY] belongs to the legacy dialect
/// @param dialect what the server speaks; that of today by default
public record ClientOptions(
        int minorVersion,
        Capabilities capabilities,
        boolean sendCapabilities,
        OptionalInt fixedMessageId,
        Duration timeout,
        Optional<EventLoopGroup> eventLoopGroup,
        Optional<DmaResponder> dmaResponder,
        DmaDialect dmaDialect,
        Dialect dialect) {
    private static final int U16_MAX = 0xffff;
    private static final int QEMU_MAX_MSG_FDS = 16;
    private static final ClientOptions DEFAULTS =
            new ClientOptions(
                    WireFormat.MINOR_VERSION,
                    Capabilities.DEFAULTS
                            .withMaxMsgFds(QEMU_MAX_MSG_FDS)
                            .withMigration(Capabilities.Migration.of(WireFormat.DEFAULT_PAGE_SIZE))
                            .withWriteMultiple(true),
                    true,
                    OptionalInt.empty(),
                    Duration.ofSeconds(5),
                    Optional.empty(),
                    Optional.empty(),
                    DmaDialect.WIDE,
                    Dialect.CURRENT);

    /// Checks the fields.
    public ClientOptions {
        checkU16("minorVersion", minorVersion);
        fixedMessageId.ifPresent(id -> checkU16("fixedMessageId", id));
        Objects.requireNonNull(eventLoopGroup, "eventLoopGroup");
        Objects.requireNonNull(dmaResponder, "dmaResponder");
        Objects.requireNonNull(dmaDialect, "dmaDialect");
        Objects.requireNonNull(dialect, "dialect");
        if ((dialect == Dialect.LEGACY) != (dmaDialect == DmaDialect.LEGACY)) {
            throw new IllegalArgumentException(
                    "dmaDialect: %s with dialect %s (expected: LEGACY in both or in none)"
                            .formatted(dmaDialect, dialect));
        }
        if (!timeout.isPositive()) {
            throw new IllegalArgumentException("timeout: " + timeout + " (expected: above zero)");
        }
    }

    /// The defaults that the parameters name.
    public static ClientOptions defaults() {
        return DEFAULTS;
    }

    /// A client that says what SPDK's host library says: version 0.1, no capabilities, always id 0.
    public static ClientOptions likeSpdk() {
        return DEFAULTS.withMinorVersion(1).withSendCapabilities(false).withFixedMessageId(0);
    }

    /// A client that says what Cloud Hypervisor says: version 0.1, one descriptor in a message.
    public static ClientOptions likeCloudHypervisor() {
        return DEFAULTS.withMinorVersion(1)
                .withCapabilities(DEFAULTS.capabilities.withMaxMsgFds(1).withWriteMultiple(false));
    }

    /// A client that says and does what QEMU 10.1 to 11.1 do: version 0.0, and the narrow DMA
    /// dialect.
    public static ClientOptions likeQemu() {
        return DEFAULTS.withMinorVersion(0).withDmaDialect(DmaDialect.NARROW);
    }

    /// A client of the legacy dialect that says what that time's sample client says: version 0.1,
    /// 32 descriptors in a message.
    public static ClientOptions likeLegacySample() {
        return new ClientOptions(
                LegacyFormat.MINOR_VERSION,
                DEFAULTS.capabilities.withMaxMsgFds(32).withWriteMultiple(false),
                DEFAULTS.sendCapabilities,
                DEFAULTS.fixedMessageId,
                DEFAULTS.timeout,
                DEFAULTS.eventLoopGroup,
                DEFAULTS.dmaResponder,
                DmaDialect.LEGACY,
                Dialect.LEGACY);
    }

    /// The same with another [#minorVersion()].
    public ClientOptions withMinorVersion(int minor) {
        return new ClientOptions(
                minor,
                capabilities,
                sendCapabilities,
                fixedMessageId,
                timeout,
                eventLoopGroup,
                dmaResponder,
                dmaDialect,
                dialect);
    }

    /// The same with other [#capabilities()].
    public ClientOptions withCapabilities(Capabilities proposed) {
        return new ClientOptions(
                minorVersion,
                proposed,
                sendCapabilities,
                fixedMessageId,
                timeout,
                eventLoopGroup,
                dmaResponder,
                dmaDialect,
                dialect);
    }

    /// The same with or without the wish that the server's commands come on a second socket, which
    /// is a capability. A server that has none uses the first.
    public ClientOptions withTwinSocket(boolean wanted) {
        return withCapabilities(
                capabilities.withTwinSocket(
                        wanted ? Capabilities.TwinSocket.WANTED : Capabilities.TwinSocket.NONE));
    }

    /// The same with another [#sendCapabilities()].
    public ClientOptions withSendCapabilities(boolean send) {
        return new ClientOptions(
                minorVersion,
                capabilities,
                send,
                fixedMessageId,
                timeout,
                eventLoopGroup,
                dmaResponder,
                dmaDialect,
                dialect);
    }

    /// The same with one id for every command.
    public ClientOptions withFixedMessageId(int messageId) {
        return new ClientOptions(
                minorVersion,
                capabilities,
                sendCapabilities,
                OptionalInt.of(messageId),
                timeout,
                eventLoopGroup,
                dmaResponder,
                dmaDialect,
                dialect);
    }

    /// The same with another [#timeout()].
    public ClientOptions withTimeout(Duration limit) {
        return new ClientOptions(
                minorVersion,
                capabilities,
                sendCapabilities,
                fixedMessageId,
                limit,
                eventLoopGroup,
                dmaResponder,
                dmaDialect,
                dialect);
    }

    /// The same on the caller's loops.
    public ClientOptions withEventLoopGroup(EventLoopGroup group) {
        return new ClientOptions(
                minorVersion,
                capabilities,
                sendCapabilities,
                fixedMessageId,
                timeout,
                Optional.of(group),
                dmaResponder,
                dmaDialect,
                dialect);
    }

    /// The same with the caller's answers to `DMA_READ` and `DMA_WRITE`.
    public ClientOptions withDmaResponder(DmaResponder responder) {
        return new ClientOptions(
                minorVersion,
                capabilities,
                sendCapabilities,
                fixedMessageId,
                timeout,
                eventLoopGroup,
                Optional.of(responder),
                dmaDialect,
                dialect);
    }

    /// The same with another [#dmaDialect()].
    public ClientOptions withDmaDialect(DmaDialect layout) {
        return new ClientOptions(
                minorVersion,
                capabilities,
                sendCapabilities,
                fixedMessageId,
                timeout,
                eventLoopGroup,
                dmaResponder,
                layout,
                dialect);
    }

    private static void checkU16(String name, int value) {
        if (value < 0 || value > U16_MAX) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: 0 to 65535)");
        }
    }
}
