package io.vfiouser.server;

import io.netty.channel.unix.FileDescriptor;
import io.vfiouser.server.image.Image;
import io.vfiouser.server.image.ImageException;
import io.vfiouser.server.image.ImageReader;
import io.vfiouser.server.options.ServiceOptions;
import io.vfiouser.server.session.DeviceHost;
import io.vfiouser.server.session.DeviceRevival;
import io.vfiouser.server.session.KeptState;
import io.vfiouser.server.succession.Arriving;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// A served device as one that is to go on where another process has stopped: the new process's
/// side.
final class DeviceArrival implements Arriving {
    private final ServedDevice device;
    private final DeviceHost host;
    private final ServiceOptions options;
    private final SessionBudget sessions;
    private @Nullable DeviceRevival revival;

    DeviceArrival(
            ServedDevice device, DeviceHost host, ServiceOptions options, SessionBudget sessions) {
        this.device = device;
        this.host = host;
        this.options = options;
        this.sessions = sessions;
    }

    @Override
    public String shape() {
        return host.shape();
    }

    @Override
    public CompletableFuture<@Nullable Void> install(Image image) {
        var installed = new CompletableFuture<@Nullable Void>();
        device.deviceLoop()
                .execute(() -> {
                    try {
                        var _ =
                                installNow(image)
                                        .whenComplete((_, error) -> {
                                            image.close();
                                            if (error == null) {
                                                installed.complete(null);
                                            } else {
                                                installed.completeExceptionally(error);
                                            }
                                        });
                    } catch (Throwable thrown) {
                        image.close();
                        installed.completeExceptionally(thrown);
                    }
                });
        return installed;
    }

    private CompletableFuture<@Nullable Void> installNow(Image image) {
        var in = new ImageReader(image);
        SourceImage source = SourceImage.read(in);
        DeviceRevival current = host.revival();
        revival = current;
        device.countClient(false);
        Optional<FileDescriptor> listening = source.listening();
        if (listening.isPresent()) {
            var endpoint = source.endpoint(Optional.empty());
            device.takeClients(
                    endpoint,
                    new ListeningSource(
                            host, device.deviceLoop(), options, endpoint, sessions, listening));
        }
        CompletableFuture<@Nullable Void> installed = current.install(in);
        if (listening.isEmpty()) {
            device.takeClients(
                    source.endpoint(host.clientSocket()),
                    new ConnectedSource(host, device::startClosing));
        } else if (current.hasSession()) {
            boolean counted = sessions.take();
            device.countClient(counted);
            if (!counted) {
                throw new ImageException(sessions.refusal());
            }
        }
        return installed;
    }

    @Override
    public CompletableFuture<Boolean> begin() {
        return CompletableFuture.supplyAsync(
                () -> {
                    DeviceRevival current = revival;
                    if (current == null) {
                        throw new IllegalStateException("begin() before install()");
                    }
                    boolean hasClient = current.hasSession();
                    host.keptState().ifPresent(KeptState::takenOver);
                    device.countClient(true); // whoever comes from now on is
                    device.clients().open(new CompletableFuture<>());
                    current.begin();
                    device.arrived();
                    return hasClient;
                },
                device.deviceLoop());
    }

    @Override
    public void discard() {
        device.deviceLoop().execute(() -> device.letGo("the takeover was given up"));
    }
}
