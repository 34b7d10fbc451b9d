package io.vfiouser.it.handover;

import io.vfiouser.device.Device;
import io.vfiouser.server.VfioUserServer;
import io.vfiouser.server.handover.HandoverOffer;
import io.vfiouser.server.handover.HandoverOptions;
import io.vfiouser.server.handover.Successor;
import io.vfiouser.server.handover.TakeoverReport;
import io.vfiouser.server.options.ServerOptions;
import io.vfiouser.server.options.ServiceOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/// A server with devices that is replaced by another one in the same process, again and again.
final class Relay implements AutoCloseable {
    private final Path directory;
    private final ServerOptions options;
    private final Map<String, Supplier<Device>> makers = new LinkedHashMap<>();
    private final HandoverOptions handover;
    private VfioUserServer server;

    private Relay(Path directory, ServerOptions options, HandoverOptions handover) {
        this.directory = directory;
        this.options = options.withHandover(true);
        this.handover = handover;
        this.server = VfioUserServer.start(this.options);
        server.offerHandover(handover);
    }

    static Relay start() {
        return start(ServerOptions.defaults());
    }

    static Relay start(ServerOptions options) {
        try {
            Path directory = Files.createTempDirectory("vfio-user-relay");
            var handover = HandoverOptions.at(directory.resolve("handover"));
            return new Relay(directory, options, handover);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// A relay whose servers are as patient with another process, and it with them.
    static Relay start(Duration prepare, Duration freeze, Duration install) throws IOException {
        Path directory = Files.createTempDirectory("vfio-user-relay");
        var handover =
                HandoverOptions.at(directory.resolve("handover"))
                        .withTimeouts(prepare, freeze, install);
        return new Relay(directory, ServerOptions.defaults(), handover);
    }

    /// Serves a device; `maker` makes its successors too.
    Path serve(String name, Supplier<Device> maker) {
        makers.put(name, maker);
        return server.serve(name, maker.get(), directory.resolve(name)).socket();
    }

    /// The server that serves now.
    VfioUserServer server() {
        return server;
    }

    Path handoverSocket() {
        return handover.socket();
    }

    /// Another server takes over.
    TakeoverReport replace() throws InterruptedException {
        VfioUserServer next = VfioUserServer.start(options);
        try {
            TakeoverReport report = next.takeOver(handover, this::successors);
            VfioUserServer before = server;
            server = next;
            before.awaitShutdown();
            return report;
        } catch (RuntimeException e) {
            next.close();
            throw e;
        }
    }

    /// Another server tries to take over what is offered at some socket.
    void attemptAt(Path socket) {
        var there =
                HandoverOptions.at(socket)
                        .withTimeouts(
                                handover.prepareTimeout(),
                                handover.freezeTimeout(),
                                handover.installTimeout());
        try (VfioUserServer next = VfioUserServer.start(options)) {
            next.takeOver(there, this::successors);
        }
    }

    /// Another server tries to take over with other devices than this one has.
    void attempt(UnaryOperator<Map<String, Successor>> change) {
        try (VfioUserServer next = VfioUserServer.start(options)) {
            next.takeOver(handover, offer -> change.apply(successors(offer)));
        }
    }

    Map<String, Successor> successors(HandoverOffer offer) {
        Map<String, Successor> successors = new LinkedHashMap<>();
        offer.devices()
                .forEach(device ->
                        successors.put(
                                device.name(),
                                new Successor(
                                        Objects.requireNonNull(makers.get(device.name())).get(),
                                        ServiceOptions.defaults())));
        return successors;
    }

    @Override
    public void close() {
        server.close();
        try {
            Files.delete(directory);
        } catch (IOException e) {
            throw new UncheckedIOException("left behind by the server", e);
        }
    }
}
