package io.vfiouser.testkit.conformance;

import io.netty.buffer.Unpooled;
import io.vfiouser.codec.CapabilitiesJson;
import io.vfiouser.protocol.Capabilities;
import java.util.List;

/// VERSION: its JSON text, well formed or not.
final class NegotiationTextChecks {
    private static final int DEEP = 10_000;
    private static final String TRAILING_TEXT = "{\"capabilities\":{}} x";

    private NegotiationTextChecks() {}

    static List<ConformanceCheck> checks() {
        var group = new CheckGroup("VERSION text", "Version Data Format");
        addRefusals(group);
        accept(group, "an empty object", "{}");
        accept(group, "no capabilities in the object", "{\"other\":1}");
        accept(group, "an empty capabilities object", "{\"capabilities\":{}}");
        accept(
                group,
                "unknown keys of every type",
                "{\"capabilities\":{\"x\":[1,{\"y\":null}],\"z\":\"\\u00e9\",\"w\":1.5},\"v\":[]}");
        accept(group, "white space", " { \"capabilities\" : { \"max_msg_fds\" : 1 } } ");
        accept(group, "a text that is not an object", "[1,2]");
        group.beforeVersion(
                "a key that is left out",
                "has its default",
                peer -> {
                    NegotiationChecks.accepted(
                            peer, Commands.version(0, 0, "{\"capabilities\":{\"pgsizes\":4096}}"));
                    peer.inStep();
                });
        group.beforeVersion(
                "a twin socket that the client wants",
                "given with a descriptor, or not at all",
                NegotiationTextChecks::twinSocket);
        return group.checks();
    }

    private static void addRefusals(CheckGroup group) {
        group.beforeVersion(
                "no NUL byte at the end",
                "refused, and the connection closed",
                peer ->
                        NegotiationChecks.refused(
                                peer, Commands.bareVersion(0, 0).text("{\"capabilities\":{}}")));
        group.beforeVersion(
                "a NUL byte alone",
                "refused, and the connection closed",
                peer -> NegotiationChecks.refused(peer, Commands.version(0, 0, "")));
        refuse(group, "no JSON", "hello");
        refuse(group, "JSON cut short", "{\"capabilities\":{\"max_msg_fds\":1");
        group.beforeVersion(
                        "text after the JSON",
                        "refused, and the connection closed",
                        peer ->
                                NegotiationChecks.refused(
                                        peer, Commands.version(0, 0, TRAILING_TEXT)))
                .reference(
                        "accepted", peer -> peer.succeeds(Commands.version(0, 0, TRAILING_TEXT)));
        refuse(group, "capabilities that are no object", "{\"capabilities\":[]}");
        refuse(group, "max_msg_fds as a text", "{\"capabilities\":{\"max_msg_fds\":\"8\"}}");
        refuse(group, "max_msg_fds with a fraction", "{\"capabilities\":{\"max_msg_fds\":1.0}}");
        refuse(group, "max_msg_fds below 0", "{\"capabilities\":{\"max_msg_fds\":-1}}");
        refuse(group, "max_msg_fds above 1024", "{\"capabilities\":{\"max_msg_fds\":1025}}");
        refuse(
                group,
                "max_data_xfer_size of 0",
                "{\"capabilities\":{\"max_data_xfer_size\":0}}",
                "accepted; the server's DMA then never ends");
        refuse(
                group,
                "max_data_xfer_size below 0",
                "{\"capabilities\":{\"max_data_xfer_size\":-1}}",
                "accepted as unlimited");
        refuse(group, "migration that is no object", "{\"capabilities\":{\"migration\":true}}");
        refuse(group, "nesting " + DEEP + " deep", "[".repeat(DEEP) + "]".repeat(DEEP));
    }

    private static void refuse(CheckGroup group, String name, String text) {
        group.beforeVersion(
                name,
                "refused, and the connection closed",
                peer -> NegotiationChecks.refused(peer, Commands.version(0, 0, text)));
    }

    private static void refuse(CheckGroup group, String name, String text, String reference) {
        group.beforeVersion(
                        name,
                        "refused, and the connection closed: no transfer is possible",
                        peer -> NegotiationChecks.refused(peer, Commands.version(0, 0, text)))
                .reference(
                        reference,
                        peer -> NegotiationChecks.accepted(peer, Commands.version(0, 0, text)));
    }

    private static void accept(CheckGroup group, String name, String text) {
        group.beforeVersion(
                name,
                "accepted",
                peer -> {
                    NegotiationChecks.accepted(peer, Commands.version(0, 0, text));
                    peer.inStep();
                });
    }

    private static void twinSocket(Peer peer) {
        RawCommand version =
                Commands.version(
                        0,
                        2,
                        "{\"capabilities\":{\"max_msg_fds\":1,\"twin_socket\":{\"supported\":true}}}");
        peer.send(version);
        Answer reply = peer.goodReplyTo(version);
        byte[] text = reply.bytesFrom(4);
        Capabilities offered =
                CapabilitiesJson.DEFAULT.read(Unpooled.wrappedBuffer(text, 0, text.length - 1));
        if (offered.twinSocket().supported()) {
            int index = offered.twinSocket().fdIndex();
            Difference.check(
                    index >= 0 && index < reply.descriptors().count(),
                    "fd_index of a descriptor that came along",
                    "fd_index " + index + " and " + reply.descriptors().count() + " descriptors");
        } else {
            Difference.check("descriptors", 0, reply.descriptors().count());
        }
        peer.inStep();
    }
}
