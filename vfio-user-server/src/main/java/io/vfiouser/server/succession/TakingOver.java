package io.vfiouser.server.succession;

import io.netty.channel.EventLoop;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.Socket;
import io.vfiouser.os.Descriptors;
import io.vfiouser.os.NativeCallException;
import io.vfiouser.os.PeerCredentials;
import io.vfiouser.os.UnixSockets;
import io.vfiouser.server.handover.HandoverOffer;
import io.vfiouser.server.handover.HandoverOptions;
import io.vfiouser.server.handover.TakeoverException;
import io.vfiouser.server.handover.TakeoverReport;
import io.vfiouser.server.image.Image;
import io.vfiouser.server.image.ImageReader;
import io.vfiouser.server.image.ImageWriter;
import io.vfiouser.transport.VfioUserChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// One attempt to take over from another process, as the new process sees it. Runs on a thread that
/// may wait. Whatever goes wrong before TAKEN has left, nothing of it stays here.
public final class TakingOver {
    private final Link link;
    private final Duration patience;
    private final Map<String, DevicePieces> pieces = new HashMap<>();
    private final Map<String, CompletableFuture<@Nullable Void>> installed = new LinkedHashMap<>();
    private Map<String, Arriving> devices = Map.of();

    private TakingOver(Link link, Duration patience) {
        this.link = link;
        this.patience = patience;
    }

    /// A takeover that has succeeded.
    ///
    /// @param report what happened
    /// @param offer what the other process said of itself
    /// @param nextOffer where this process can be taken over; owned by the caller
    public record Result(TakeoverReport report, HandoverOffer offer, FileDescriptor nextOffer) {}

    /// Takes over.
    ///
    /// @param options where the other process offers it, and how long it may take to answer
    /// @param loop for the connection
    /// @param arrivals makes devices, all that are offered, which are discarded if that fails
    /// @throws TakeoverException if it does not come about
    public static Result run(
            HandoverOptions options,
            EventLoop loop,
            Function<HandoverOffer, Map<String, Arriving>> arrivals) {
        try (Link link = Link.open(connect(options.socket()), loop)) {
            return new TakingOver(link, options.answerTimeout()).run(arrivals);
        }
    }

    private Result run(Function<HandoverOffer, Map<String, Arriving>> arrivals) {
        FileDescriptor nextOffer = null;
        try {
            link.send(Step.HELLO, Greeting.hello());
            Greeting.Offer offer;
            try (Image content = link.expect(Step.OFFER, patience)) {
                offer = Greeting.readOffer(content);
            }
            devices = arrivals.apply(offer.offer());
            checkShapes(offer.shapes());
            long start = System.nanoTime();
            link.send(Step.FREEZE, names());
            nextOffer = receiveDevices();
            awaitInstalled();
            link.send(Step.INSTALLED);
            link.expect(Step.COMMIT, patience).close();
            link.send(Step.TAKEN);
            int clients = begin();
            var pause = Duration.ofNanos(System.nanoTime() - start);
            var report = new TakeoverReport(offer.offer().pid(), devices.size(), clients, pause);
            return new Result(report, offer.offer(), nextOffer);
        } catch (TakeoverException | Error e) { // an error of a device's code, say
            abandon(nextOffer, e);
            throw e;
        } catch (RuntimeException e) {
            abandon(nextOffer, e);
            throw new TakeoverException(String.valueOf(e.getMessage()), e);
        }
    }

    /// The other process goes on.
    private void abandon(@Nullable FileDescriptor nextOffer, Throwable reason) {
        devices.values().forEach(Arriving::discard);
        pieces.values().forEach(DevicePieces::close);
        if (nextOffer != null) {
            Descriptors.close(nextOffer);
        }
        link.giveUp(String.valueOf(reason.getMessage()));
    }

    private static VfioUserChannel connect(Path path) {
        Socket socket = Socket.newSocketDomain();
        try {
            if (!UnixSockets.connect(socket, path.toString())) {
                throw new TakeoverException(path + ": its queue is full (expected: room)");
            }
            SameUser.check(PeerCredentials.of(socket));
            return new VfioUserChannel(socket);
        } catch (NativeCallException e) {
            Descriptors.close(socket);
            throw new TakeoverException(
                    path + ": " + e.errno().text() + " (expected: a server that offers handover)",
                    e);
        } catch (RuntimeException e) {
            Descriptors.close(socket);
            throw e;
        }
    }

    private void checkShapes(Map<String, String> shapes) {
        for (Map.Entry<String, String> shape : shapes.entrySet()) {
            Arriving device = devices.get(shape.getKey());
            if (device == null) {
                throw new TakeoverException(
                        "device: " + shape.getKey() + ": none (expected: one in its place)");
            }
            if (!device.shape().equals(shape.getValue())) {
                throw new TakeoverException(
                        "device: "
                                + shape.getKey()
                                + ": another layout (expected: the same regions, interrupts and"
                                + " config space as before)");
            }
        }
        if (devices.size() > shapes.size()) {
            throw new TakeoverException(
                    "devices: " + devices.keySet() + " (expected: those of the other process)");
        }
    }

    private Image names() {
        try (var out = new ImageWriter()) {
            devices.keySet().forEach(name -> out.flag(true).text(name));
            return out.flag(false).finish();
        }
    }

    private FileDescriptor receiveDevices() {
        while (true) {
            Letter letter = link.receive(patience);
            try (Image content = letter.content()) {
                var in = new ImageReader(content);
                if (letter.is(Step.DEVICE)) {
                    receiveDevice(in, content);
                } else if (letter.is(Step.FROZEN)) {
                    return in.descriptor();
                } else {
                    throw new TakeoverException(
                            "message: " + letter.number() + " (expected: DEVICE or FROZEN)");
                }
            }
        }
    }

    private void receiveDevice(ImageReader in, Image content) {
        String name = DevicePieces.name(in);
        Arriving device = devices.get(name);
        if (device == null) {
            throw new TakeoverException("device: " + name + " (expected: one that was offered)");
        }
        pieces.computeIfAbsent(name, _ -> new DevicePieces())
                .add(in, content)
                .ifPresent(image -> installed.put(name, device.install(image)));
    }

    private void awaitInstalled() {
        for (String name : devices.keySet()) {
            CompletableFuture<@Nullable Void> done = installed.get(name);
            if (done == null) {
                throw new TakeoverException("device: " + name + ": not sent (expected: all)");
            }
            try {
                done.get(patience.toNanos(), TimeUnit.NANOSECONDS);
            } catch (ExecutionException e) {
                throw new TakeoverException(name + ": " + Link.reason(e), e);
            } catch (TimeoutException e) {
                throw new TakeoverException(
                        name + ": still being put in place after " + patience, e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new TakeoverException("interrupted", e);
            }
        }
    }

    /// The other process has let go of them all: one that cannot begin must not take the others
    /// along.
    private static CompletableFuture<Boolean> begin(Arriving device) {
        try {
            return device.begin();
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private int begin() {
        List<CompletableFuture<Boolean>> begun =
                devices.values().stream().map(TakingOver::begin).toList();
        int clients = 0;
        for (CompletableFuture<Boolean> each : begun) {
            clients += each.exceptionally(_ -> false).join() ? 1 : 0;
        }
        return clients;
    }
}
