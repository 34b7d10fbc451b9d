package io.vfiouser.it.trace;

import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.client.ClientOptions;
import io.vfiouser.client.VfioUserClient;
import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.devices.gpio.GpioDevice;
import io.vfiouser.devices.testdev.TestDevice;
import io.vfiouser.it.support.DmaCommands;
import io.vfiouser.it.support.TestServer;
import io.vfiouser.os.FdBundle;
import io.vfiouser.os.SharedMemory;
import io.vfiouser.protocol.DmaFlags;
import io.vfiouser.protocol.DmaUnmap;
import io.vfiouser.server.ServedDevice;
import io.vfiouser.server.observe.MessageTap;
import io.vfiouser.server.observe.TappedMessage;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import io.vfiouser.trace.RegisterNames;
import io.vfiouser.trace.TraceEntry;
import io.vfiouser.trace.TracedMessage;
import io.vfiouser.trace.Tracer;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// What taps on a served device see.
@ExtendWith(NoDescriptorLeaks.class)
class MessageTapTest {
    private static final int BAR2 = 2;

    private final TestServer server = TestServer.start();

    @AfterEach
    void close() {
        server.close();
    }

    private ServedDevice device(String name) {
        return server.server().devices().stream()
                .filter(device -> device.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /// Keeps all that it sees, in words.
    private static final class Seen implements MessageTap {
        private final List<TraceEntry> entries = new CopyOnWriteArrayList<>();
        private final CompletableFuture<String> ended = new CompletableFuture<>();
        private final Tracer tracer;

        Seen(ServedDevice device) {
            tracer = new Tracer(RegisterNames.of(device.layout()));
        }

        @Override
        public void message(TappedMessage message) {
            entries.add(tracer.entry(TracedMessage.of("gpio0", message)));
        }

        @Override
        public void sessionEnded(long session, String reason) {
            ended.complete("#" + session + " " + reason);
        }

        List<String> lines() {
            return entries.stream()
                    .map(entry -> entry.toString().replaceFirst("^\\d+\\.\\d{6} ", ""))
                    .map(line -> line.replaceFirst(" after \\d+ us$", ""))
                    .toList();
        }
    }

    @Test
    void seesBothDirectionsInOrderWithRegisterNames() {
        Path socket = server.serve("gpio0", new GpioDevice());
        ServedDevice device = device("gpio0");
        var seen = new Seen(device);
        try (var _ = device.tap(seen)) {
            try (var client = VfioUserClient.connect(socket)) {
                client.write(BAR2, 0, 1, 0xa5);
                client.post(BAR2, 0, 1, 0x5a);
                client.read(BAR2, 1, 1);
                client.read(7, 0, 2);
                client.readBytes(BAR2, 0x10, 16);
            }
            assertThat(seen.ended.join()).isEqualTo("#1 the client closed the connection");
        }
        assertThat(seen.lines().subList(2, 11))
                .containsExactly(
                        "gpio0 <- REGION_WRITE BAR2 OUT0_7 0xa5 (1 byte)",
                        "gpio0 -> REGION_WRITE reply BAR2 OUT0_7 (1 byte)",
                        "gpio0 <- REGION_WRITE BAR2 OUT0_7 0x5a (1 byte) no-reply",
                        "gpio0 <- REGION_READ BAR2 IN0_7 (1 byte)",
                        "gpio0 -> REGION_READ reply BAR2 IN0_7 0x5a (1 byte)",
                        "gpio0 <- REGION_READ config VENDOR_ID (2 bytes)",
                        "gpio0 -> REGION_READ reply config VENDOR_ID 0x494f (2 bytes)",
                        "gpio0 <- REGION_READ BAR2+0x10 (16 bytes)",
                        "gpio0 -> REGION_READ reply BAR2+0x10 0xffffffffffffffff.. (16 bytes)");
        assertThat(seen.lines().getFirst()).startsWith("gpio0 <- VERSION 0.");
    }

    @Test
    void canBePutOnAndTakenOffInTheMiddleOfASession() {
        Path socket = server.serve("gpio0", new GpioDevice());
        ServedDevice device = device("gpio0");
        var seen = new Seen(device);
        try (var client = VfioUserClient.connect(socket)) {
            client.read(BAR2, 0, 1);
            var tapping = device.tap(seen);
            client.read(BAR2, 1, 1);
            tapping.close();
            tapping.close();
            client.read(BAR2, 6, 1);
        }
        assertThat(seen.lines())
                .containsExactly(
                        "gpio0 <- REGION_READ BAR2 IN0_7 (1 byte)",
                        "gpio0 -> REGION_READ reply BAR2 IN0_7 0x00 (1 byte)");
    }

    @Test
    void seesDescriptorsAndErrors() {
        Path socket = server.serve("gpio0", new GpioDevice());
        ServedDevice device = device("gpio0");
        var seen = new Seen(device);
        try (var client = VfioUserClient.connect(socket);
                var memory = SharedMemory.create("seen", 0x10000);
                var _ = device.tap(seen)) {
            client.dmaMap(0x10_0000, memory, 0, 0x10000, DmaFlags.READ_WRITE);
            client.irq(0, 0).arm();
            client.send(DmaUnmap.region(0x5000, 0x1000), FdBundle.empty()).close();
        }
        assertThat(seen.lines())
                .contains(
                        "gpio0 <- DMA_MAP address=0x100000 size=0x10000 offset=0x0 flags=0x3 [file"
                                + " of 0x10000]",
                        "gpio0 -> DMA_MAP reply",
                        "gpio0 -> DMA_UNMAP reply ENOENT");
        assertThat(seen.lines())
                .anyMatch(line ->
                        line.contains("DEVICE_SET_IRQS INTx") && line.endsWith("[eventfd]"));
    }

    @Test
    void seesInterruptsThatTheClientHears() {
        Path socket = server.serve("gpio0", new GpioDevice());
        ServedDevice device = device("gpio0");
        var fired = new CopyOnWriteArrayList<String>();
        var tap =
                new MessageTap() {
                    @Override
                    public void message(TappedMessage message) {}

                    @Override
                    public void interrupt(long session, IrqIndex index, int vector) {
                        fired.add("#" + session + " " + index + " " + vector);
                    }
                };
        try (var _ = device.tap(tap);
                var client = VfioUserClient.connect(socket)) {
            var irq = client.irq(0, 0);
            irq.arm();
            client.read(BAR2, 2, 1); // IRQ_CTL: on
            client.write(BAR2, 0, 1, 0x11);
            assertThat(irq.await(Duration.ofSeconds(5))).isEqualTo(1);
        }
        assertThat(fired).containsExactly("#1 INTX 0");
    }

    @Test
    void seesTheSecondSocket() {
        Path socket = server.serve("gpio0", new TestDevice());
        ServedDevice device = device("gpio0");
        var seen = new Seen(device);
        var options = ClientOptions.defaults().withTwinSocket(true);
        try (var _ = device.tap(seen);
                var client = VfioUserClient.connect(socket, options);
                var arena = Arena.ofShared()) {
            client.dmaMapWithoutDescriptor(0, arena.allocate(0x2000), DmaFlags.READ_WRITE);
            DmaCommands.copy(client, 0, 0x1000, 8, DmaCommands.BY_MESSAGE);
        }
        assertThat(seen.lines())
                .contains(
                        "gpio0 -> DMA_READ address=0x0 count=8 twin",
                        "gpio0 <- DMA_READ reply address=0x0 count=8 twin",
                        "gpio0 -> DMA_WRITE address=0x1000 count=8 twin",
                        "gpio0 <- DMA_WRITE reply address=0x1000 count=8 twin");
        assertThat(seen.lines().get(1)).startsWith("gpio0 -> VERSION reply").endsWith("[socket]");
    }

    @Test
    void oneThatThrowsIsTakenOffAndNothingElseHappens() {
        Path socket = server.serve("gpio0", new GpioDevice());
        ServedDevice device = device("gpio0");
        var calls = new CopyOnWriteArrayList<TappedMessage>();
        device.tap(message -> {
            calls.add(message);
            throw new IllegalStateException("on purpose");
        });
        try (var client = VfioUserClient.connect(socket)) {
            assertThat(client.read(BAR2, 0, 1)).isZero();
        }
        assertThat(calls).hasSize(1);
    }
}
