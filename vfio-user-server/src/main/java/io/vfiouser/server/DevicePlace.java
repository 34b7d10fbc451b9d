package io.vfiouser.server;

import io.vfiouser.server.loop.DeviceLoop;
import io.vfiouser.server.loop.Movable;
import io.vfiouser.server.session.DeviceHost;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// Which of a server's event loops a served device is on.
final class DevicePlace {
    private final Loops loops;
    private final DeviceLoop loop;
    private volatile LoopLoad load;

    /// @param load counts the device already
    DevicePlace(Loops loops, LoopLoad load) {
        this.loops = loops;
        this.load = load;
        this.loop = new DeviceLoop(load.loop());
    }

    DeviceLoop loop() {
        return loop;
    }

    LoopLoad load() {
        return load;
    }

    /// The device is on no loop any more.
    void leave() {
        load.remove();
    }

    /// @param ready throws if the device cannot go now
    /// @throws IllegalArgumentException if there is no loop with the number
    CompletableFuture<@Nullable Void> moveTo(
            int number, Runnable ready, DeviceHost host, ServedDevice device) {
        LoopLoad target = loops.at(number);
        return loop.move(target.loop(), ready, new Parts(target, host, device));
    }

    /// What of a device is registered with its loop.
    private final class Parts implements Movable {
        private final LoopLoad target;
        private final DeviceHost host;
        private final ServedDevice device;

        Parts(LoopLoad target, DeviceHost host, ServedDevice device) {
            this.target = target;
            this.host = host;
            this.device = device;
        }

        @Override
        public CompletableFuture<@Nullable Void> leave() {
            return device.clients().leave().thenCompose(_ -> host.leave());
        }

        @Override
        public void join() {
            if (loop.current().equals(target.loop())) { // not if that one has ended
                load.remove();
                load = target;
                load.add();
            }
            host.setWatch(load.watch());
            device.clients().join();
            host.join();
        }
    }
}
