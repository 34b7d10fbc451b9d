package io.vfiouser.testkit.conformance;

import static io.vfiouser.testkit.conformance.Commands.QEMU_TEXT;

import io.netty.buffer.Unpooled;
import io.vfiouser.codec.CapabilitiesJson;
import io.vfiouser.codec.RequestRejectedException;
import io.vfiouser.os.Errno;
import io.vfiouser.protocol.Capabilities;
import io.vfiouser.protocol.Command;
import io.vfiouser.protocol.WireFormat;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// VERSION: what comes first, and what the reply says.
final class NegotiationChecks {
    private static final String SPDK_TEXT = "";
    private static final String CLOUD_HYPERVISOR_TEXT =
            "{\"capabilities\":{\"max_msg_fds\":1,\"max_data_xfer_size\":1048576,"
                    + "\"migration\":{\"pgsize\":4096}}}";
    private static final int QEMU_MAX_MSG_FDS = 16;
    private static final int QEMU_MAX_DATA = 64 << 20;
    private static final int QEMU_MAX_MAPS = 65_535;

    private NegotiationChecks() {}

    static List<ConformanceCheck> checks() {
        var group = new CheckGroup("VERSION", "VFIO_USER_VERSION");
        addRefusals(group);
        addReplies(group);
        addClients(group);
        return group.checks();
    }

    /// Sends a first message that cannot start a session.
    static void refused(Peer peer, RawCommand first) {
        peer.send(first);
        for (Answer answer : peer.untilClosed()) {
            Difference.check(
                    answer.isError(), "an error reply or none, then the end", answer.toString());
        }
    }

    /// Sends a VERSION that can, and reads the text of the reply.
    static Capabilities accepted(Peer peer, RawCommand version) {
        Answer reply = peer.succeeds(version);
        Difference.check("major version", 0, reply.u16(0));
        byte[] text = reply.bytesFrom(WireFormat.VERSION_SIZE);
        if (text.length == 0) {
            return Capabilities.DEFAULTS;
        }
        Difference.check("last byte of the text", 0, (int) text[text.length - 1]);
        try {
            return CapabilitiesJson.DEFAULT.read(Unpooled.wrappedBuffer(text, 0, text.length - 1));
        } catch (RequestRejectedException e) {
            throw new Difference("JSON with values in their range", String.valueOf(e.getMessage()));
        }
    }

    private static void addRefusals(CheckGroup group) {
        group.beforeVersion(
                "another command first",
                "refused, and the connection closed",
                peer -> refused(peer, Commands.getInfo()));
        group.beforeVersion(
                "an unknown command first",
                "refused, and the connection closed",
                peer -> refused(peer, RawCommand.of(99).u32(0)));
        group.beforeVersion(
                "a reply first",
                "the connection closed",
                peer ->
                        refused(
                                peer,
                                Commands.version(0, 0, QEMU_TEXT)
                                        .headerFlags(WireFormat.TYPE_REPLY)));
        group.beforeVersion(
                "another major version",
                "refused, and the connection closed",
                peer -> refused(peer, Commands.version(1, 0, QEMU_TEXT)));
        group.beforeVersion(
                "half a version number",
                "refused, and the connection closed",
                peer -> refused(peer, RawCommand.of(Command.VERSION).u16(0)));
        group.beforeVersion(
                "descriptors",
                "refused, and the connection closed",
                peer -> {
                    peer.send(Commands.version(0, 0, QEMU_TEXT), Peer.strayDescriptors(1));
                    for (Answer answer : peer.untilClosed()) {
                        Difference.check(answer.isError(), "an error or none", answer.toString());
                    }
                });
        group.check(
                "a second time",
                "refused with EINVAL; the session goes on",
                peer -> peer.refuses(Commands.version(0, 0, QEMU_TEXT), Errno.EINVAL));
    }

    private static void addReplies(CheckGroup group) {
        for (int minor : new int[] {0, 1, 2}) {
            group.beforeVersion(
                    "minor version " + minor,
                    "answered with at most that",
                    peer -> checkMinor(peer, minor));
        }
        group.beforeVersion(
                "minor version 65535",
                "answered with the server's own",
                peer -> checkMinor(peer, 0xffff));
        group.beforeVersion(
                "the reply's text",
                "JSON with a capabilities object, ended by one NUL byte",
                peer -> {
                    Answer reply = peer.succeeds(Commands.version(0, 0, QEMU_TEXT));
                    byte[] text = reply.bytesFrom(WireFormat.VERSION_SIZE);
                    Difference.check(text.length > 0, "a text", "none");
                    var json = new String(text, StandardCharsets.UTF_8);
                    Difference.check(
                            json.indexOf('\0') == json.length() - 1, "one NUL, at the end", json);
                    Difference.check(json.contains("\"capabilities\""), "capabilities", json);
                });
        group.beforeVersion(
                "keys that the client did not send",
                "not answered with a twin socket nor with write_multiple",
                peer -> {
                    Capabilities offered = accepted(peer, Commands.version(0, 2, "{}"));
                    Difference.check("twin_socket", false, offered.twinSocket().supported());
                    Difference.check("write_multiple", false, offered.writeMultiple());
                });
        group.beforeVersion(
                "the no-reply flag",
                "answered all the same: without a reply there is no session",
                peer -> peer.succeeds(Commands.version(0, 0, QEMU_TEXT).noReply()));
        group.beforeVersion(
                "commands right behind it",
                "answered after it, in order",
                peer -> {
                    RawCommand version = Commands.version(0, 0, QEMU_TEXT).id(1);
                    RawCommand info = Commands.getInfo().id(2);
                    RawCommand irq = Commands.irqInfo(0).id(3);
                    peer.send(version, info, irq);
                    peer.goodReplyTo(version);
                    peer.goodReplyTo(info);
                    peer.goodReplyTo(irq);
                });
    }

    private static void addClients(CheckGroup group) {
        group.beforeVersion(
                "as QEMU 10.1 sends it",
                "answered within the size and the limits that QEMU accepts",
                peer -> {
                    RawCommand version = Commands.version(0, 0, QEMU_TEXT);
                    int room = version.payloadLength();
                    Answer reply = peer.succeeds(version);
                    Difference.check(
                            reply.payloadLength() <= room,
                            "a reply of at most " + room + " bytes of payload",
                            reply.toString());
                });
        group.beforeVersion(
                "limits for QEMU 10.1",
                "no more than QEMU accepts: 16 descriptors, 64 MiB, 65535 maps, 4 KiB pages",
                peer -> {
                    Capabilities offered = accepted(peer, Commands.version(0, 0, QEMU_TEXT));
                    atMost("max_msg_fds", QEMU_MAX_MSG_FDS, offered.maxMsgFds());
                    atMost("max_data_xfer_size", QEMU_MAX_DATA, offered.maxDataXferSize());
                    atMost("max_dma_maps", QEMU_MAX_MAPS, offered.maxDmaMaps());
                    Difference.check("pgsizes modulo 4096", 0L, offered.pageSizes() % 4096);
                });
        group.beforeVersion(
                "as Cloud Hypervisor sends it",
                "answered with a capabilities object",
                peer -> accepted(peer, Commands.version(0, 1, CLOUD_HYPERVISOR_TEXT)));
        group.beforeVersion(
                "as SPDK sends it, without a text",
                "answered",
                peer -> {
                    peer.succeeds(Commands.bareVersion(0, 1).text(SPDK_TEXT));
                    peer.inStep();
                });
    }

    private static void checkMinor(Peer peer, int minor) {
        Answer reply = peer.succeeds(Commands.version(0, minor, QEMU_TEXT));
        Difference.check("major version", 0, reply.u16(0));
        atMost("minor version", Math.min(minor, WireFormat.MINOR_VERSION), reply.u16(2));
        peer.inStep();
    }

    private static void atMost(String what, int limit, int seen) {
        Difference.check(seen <= limit, what + " of at most " + limit, what + " " + seen);
    }
}
