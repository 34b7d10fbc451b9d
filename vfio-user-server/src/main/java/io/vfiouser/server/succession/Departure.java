package io.vfiouser.server.succession;

import io.vfiouser.server.handover.HandoverOptions;
import io.vfiouser.server.handover.TakeoverException;
import io.vfiouser.server.image.Image;
import io.vfiouser.server.image.ImageReader;
import io.vfiouser.server.image.ImageWriter;
import io.vfiouser.transport.VfioUserServerChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One attempt of another process to take over, as the old process sees it. Runs on a thread that
/// may wait. Whatever goes wrong before TAKEN has come, all devices go on here.
final class Departure {
    private static final Logger LOG = LoggerFactory.getLogger(Departure.class);

    private final Link link;
    private final HandoverOptions options;
    private final List<? extends Leaving> devices;
    private final VfioUserServerChannel nextOffer;
    private final List<CompletableFuture<Image>> frozen = new ArrayList<>();
    private boolean committed;

    /// @param nextOffer the socket of the offer, which goes along
    Departure(
            Link link,
            HandoverOptions options,
            List<? extends Leaving> devices,
            VfioUserServerChannel nextOffer) {
        this.link = link;
        this.options = options;
        this.devices = devices;
        this.nextOffer = nextOffer;
    }

    /// Makes the attempt.
    ///
    /// @return whether the other process has taken over
    boolean run(int pid) {
        try {
            greet();
            long start = System.nanoTime();
            freeze();
            commit();
            letGo();
            LOG.info(
                    "handover: process {} has taken over {} devices, {} ms after the request to"
                            + " stop",
                    pid,
                    devices.size(),
                    (System.nanoTime() - start) / 1_000_000);
            return true;
        } catch (Throwable e) { // also an error: the devices must not stay frozen
            return givenUp(pid, e);
        }
    }

    private boolean givenUp(int pid, Throwable e) {
        if (committed && link.shutDownAfter(Step.TAKEN)) {
            letGo(); // it was slow to say so, but it did
            return true;
        }
        thaw();
        LOG.warn("handover: process {} has not taken over: {}", pid, e.getMessage());
        boolean interrupted = Thread.interrupted();
        link.giveUp(String.valueOf(e.getMessage()));
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return false;
    }

    private void greet() {
        try (Image hello = link.expect(Step.HELLO, options.freezeTimeout())) {
            Greeting.checkHello(hello);
        }
        List<String> shapes = new ArrayList<>();
        for (Leaving device : devices) {
            Leaving.Passport passport = await(device, device.passport(), options.freezeTimeout());
            if (passport.staysBecause().isPresent()) {
                throw new TakeoverException(
                        device.name() + ": " + passport.staysBecause().orElseThrow());
            }
            shapes.add(passport.shape());
        }
        link.send(Step.OFFER, Greeting.offer(options.note(), devices, shapes));
        try (Image freeze = link.expect(Step.FREEZE, options.prepareTimeout())) {
            checkNames(new ImageReader(freeze));
        }
    }

    /// All devices or none go along: one that was left behind would be lost with this process.
    private void checkNames(ImageReader in) {
        Set<String> names = new HashSet<>();
        while (in.flag()) {
            names.add(in.text());
        }
        for (Leaving device : devices) {
            if (!names.remove(device.name())) {
                throw new TakeoverException(
                        "device: " + device.name() + " (expected: also in the other process)");
            }
        }
        if (!names.isEmpty()) {
            throw new TakeoverException(
                    "devices: " + names + " (expected: none that are not here)");
        }
    }

    private void freeze() {
        devices.forEach(device -> frozen.add(device.freeze()));
        long end = System.nanoTime() + options.freezeTimeout().toNanos();
        for (int i = 0; i < devices.size(); i++) {
            Leaving device = devices.get(i);
            var left = Duration.ofNanos(Math.max(1, end - System.nanoTime()));
            DevicePieces.send(link, device.name(), await(device, frozen.get(i), left));
        }
    }

    private void commit() {
        try (var out = new ImageWriter()) {
            link.send(Step.FROZEN, out.descriptor(nextOffer.fd()).finish());
        }
        link.expect(Step.INSTALLED, options.installTimeout()).close();
        committed = true;
        link.send(Step.COMMIT);
        link.expect(Step.TAKEN, options.installTimeout()).close();
    }

    private void letGo() {
        var gone = devices.stream().map(Leaving::letGo).toArray(CompletableFuture<?>[]::new);
        CompletableFuture.allOf(gone).exceptionally(_ -> null).join();
    }

    private void thaw() {
        for (CompletableFuture<Image> image : frozen) {
            var _ = image.thenAccept(Image::close); // those that were sent have no descriptors left
        }
        if (!frozen.isEmpty()) {
            devices.forEach(Departure::thaw);
        }
    }

    private static void thaw(Leaving device) {
        try {
            device.thaw();
        } catch (RuntimeException e) {
            LOG.error("handover: {} cannot go on: {}", device.name(), e.toString());
        }
    }

    private static <T> T await(Leaving device, CompletableFuture<T> future, Duration patience) {
        try {
            return future.get(patience.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new TakeoverException(
                    device.name() + ": still at work (expected: stopped within freezeTimeout)", e);
        } catch (ExecutionException e) {
            throw new TakeoverException(device.name() + ": " + Link.reason(e), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TakeoverException("this server is being closed", e);
        }
    }
}
