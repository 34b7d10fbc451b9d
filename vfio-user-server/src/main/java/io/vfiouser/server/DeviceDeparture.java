package io.vfiouser.server;

import io.vfiouser.server.image.Image;
import io.vfiouser.server.image.ImageException;
import io.vfiouser.server.session.DeviceFreeze;
import io.vfiouser.server.session.DeviceHost;
import io.vfiouser.server.succession.Leaving;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A served device as one that may go on in another process: the old process's side.
final class DeviceDeparture implements Leaving {
    private final ServedDevice device;
    private final DeviceHost host;
    private @Nullable DeviceFreeze freeze;

    DeviceDeparture(ServedDevice device, DeviceHost host) {
        this.device = device;
        this.host = host;
    }

    @Override
    public String name() {
        return host.name();
    }

    @Override
    public Optional<String> path() {
        return device.clients().path().map(Object::toString);
    }

    @Override
    public CompletableFuture<Passport> passport() {
        return onLoop(() -> new Passport(host.shape(), host.staysBecause()));
    }

    @Override
    public CompletableFuture<Image> freeze() {
        var image = new CompletableFuture<Image>();
        device.deviceLoop()
                .execute(() -> {
                    try {
                        freezeNow(image);
                    } catch (Throwable thrown) {
                        image.completeExceptionally(thrown);
                    }
                });
        return image;
    }

    private void freezeNow(CompletableFuture<Image> image) {
        if (device.isGoing() || freeze != null) {
            throw new ImageException("device: being taken out of service (expected: in service)");
        }
        ClientSource clients = device.clients();
        clients.suspend();
        DeviceFreeze begun =
                host.freeze(out -> SourceImage.save(out, device.endpoint(), clients.listening()));
        freeze = begun;
        var _ =
                begun.image()
                        .whenComplete((done, error) -> {
                            if (error != null) {
                                image.completeExceptionally(error);
                            } else if (!image.complete(done)) {
                                done.close();
                            }
                        });
    }

    /// Whether it is on its way to another process.
    boolean isFrozen() {
        return freeze != null;
    }

    @Override
    public void thaw() {
        device.deviceLoop().execute(this::thawNow);
    }

    /// As [#thaw()], on the loop; does nothing if the device is not frozen.
    void thawNow() {
        DeviceFreeze current = freeze;
        freeze = null;
        if (current != null) {
            current.thaw();
            device.clients().resume();
        }
    }

    @Override
    public CompletableFuture<@Nullable Void> letGo() {
        return onLoop(() -> {
            DeviceFreeze current = freeze;
            if (current != null) {
                freeze = null;
                current.over();
                device.letGo("another process has taken over");
            }
            return null;
        });
    }

    private <T extends @Nullable Object> CompletableFuture<T> onLoop(Supplier<T> task) {
        return CompletableFuture.supplyAsync(task, device.deviceLoop());
    }
}
