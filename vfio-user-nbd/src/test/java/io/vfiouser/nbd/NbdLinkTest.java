package io.vfiouser.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFactory;
import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// [NbdLink] where no server can be made to do it in time.
class NbdLinkTest {
    private static final NbdUri URI = NbdUri.parse("nbd://localhost/disk");

    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final EventLoop loop = channel.eventLoop();
    private final NbdMultiplexer owner =
            new NbdMultiplexer(NbdSettings.of(URI.text()), URI, loop, _ -> {});

    /// Data of several TLS records, or what comes while TLS says goodbye.
    @Test
    void aConnectionThatWasGivenUpDoesNotComeBackToLife() {
        NbdLink link = link(() -> new EmbeddedChannel());
        channel.pipeline().addLast(new NbdNegotiator(link, URI, Optional.empty()));
        channel.writeInbound(negotiation());
        assertThat(link.isReady()).isFalse();
        channel.finishAndReleaseAll();
    }

    @Test
    void aChannelThatCannotBeMadeIsALostConnection() {
        var opened = owner.open();
        NbdLink link =
                link(() -> {
                    throw new ChannelException(
                            "newSocketStream(..) failed with error(-24): Too many files");
                });
        link.connect();
        assertThat(opened)
                .isCompletedExceptionally()
                .failsWithin(Duration.ZERO)
                .withThrowableThat()
                .havingRootCause()
                .withMessage("Too many files");
        channel.finishAndReleaseAll();
    }

    /// Netty's words for what is not TLS are all of it, in hexadecimal.
    @Test
    void whatAServerSaysFitsALine() {
        var thrown = new IllegalStateException("not TLS:\n" + "ab".repeat(1 << 16));
        assertThat(NbdFaultException.reason(thrown)).startsWith("not TLS:?abab").hasSize(256);
    }

    private NbdLink link(ChannelFactory<Channel> channels) {
        return new NbdLink(owner, loop, URI, Optional.empty(), Duration.ofSeconds(1), channels);
    }

    /// All that a server says until the export is ready.
    private static ByteBuf negotiation() {
        ByteBuf out = Unpooled.buffer();
        out.writeLong(NbdWire.GREETING_MAGIC).writeLong(NbdWire.OPTION_MAGIC);
        out.writeShort(NbdWire.FLAG_FIXED_NEWSTYLE);
        reply(out, NbdWire.OPT_STRUCTURED_REPLY, NbdWire.REP_ACK, 0);
        reply(out, NbdWire.OPT_GO, NbdWire.REP_INFO, 12);
        out.writeShort(NbdWire.INFO_EXPORT).writeLong(4096).writeShort(NbdWire.SEND_HAS_FLAGS);
        reply(out, NbdWire.OPT_GO, NbdWire.REP_ACK, 0);
        return out;
    }

    private static void reply(ByteBuf out, int option, int type, int length) {
        out.writeLong(NbdWire.OPTION_REPLY_MAGIC).writeInt(option).writeInt(type).writeInt(length);
    }
}
