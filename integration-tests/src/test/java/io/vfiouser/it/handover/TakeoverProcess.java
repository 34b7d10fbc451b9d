package io.vfiouser.it.handover;

import io.vfiouser.device.Device;
import io.vfiouser.device.DeviceContext;
import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.migration.Handover;
import io.vfiouser.device.migration.StateSink;
import io.vfiouser.device.migration.StateSource;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.devices.testdev.TestDevice;
import io.vfiouser.os.FdBundle;
import io.vfiouser.server.VfioUserServer;
import io.vfiouser.server.handover.HandoverOffer;
import io.vfiouser.server.handover.HandoverOptions;
import io.vfiouser.server.handover.Successor;
import io.vfiouser.server.handover.TakeoverException;
import io.vfiouser.server.options.ServerOptions;
import io.vfiouser.server.options.ServiceOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// A program that takes test devices over, and stops in the middle: with all of the other process's
/// devices stopped, it says `loading` and goes on when a byte comes on its standard input.
///
/// Then it says `took over`, or `gave up: REASON`.
final class TakeoverProcess {
    private TakeoverProcess() {}

    /// @param arguments the socket where the other process offers itself
    static void main(String[] arguments) {
        var options = HandoverOptions.at(Path.of(arguments[0]));
        try (var server = VfioUserServer.start(ServerOptions.defaults().withHandover(true))) {
            server.takeOver(options, TakeoverProcess::successors);
            IO.println("took over");
            server.awaitShutdown();
        } catch (TakeoverException e) {
            IO.println("gave up: " + e.getMessage());
        } catch (InterruptedException e) {
            throw new AssertionError("nobody interrupts this", e);
        }
    }

    private static Map<String, Successor> successors(HandoverOffer offer) {
        Map<String, Successor> successors = new LinkedHashMap<>();
        offer.devices()
                .forEach(device ->
                        successors.put(
                                device.name(),
                                new Successor(
                                        new Halting(new TestDevice()), ServiceOptions.defaults())));
        return successors;
    }

    /// A test device that is loaded when somebody says so.
    private record Halting(TestDevice device) implements Device {
        @Override
        public DeviceLayout layout() {
            return device.layout();
        }

        @Override
        public void attach(DeviceContext context) {
            device.attach(context);
        }

        @Override
        public void detach() {
            device.detach();
        }

        @Override
        public Completion quiesce() {
            return device.quiesce();
        }

        @Override
        public void resume() {
            device.resume();
        }

        @Override
        public Optional<Handover> handover() {
            return device.handover().map(HaltingHandover::new);
        }

        @Override
        public void close() {
            device.close();
        }
    }

    private record HaltingHandover(Handover handover) implements Handover {
        @Override
        public Completion stop() {
            return handover.stop();
        }

        @Override
        public Completion start() {
            return handover.start();
        }

        @Override
        public StateSource save() {
            return handover.save();
        }

        @Override
        public StateSink load() {
            IO.println("loading");
            try {
                System.in.read();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return handover.load();
        }

        @Override
        public FdBundle files() {
            return handover.files();
        }

        @Override
        public void takeFiles(FdBundle files) {
            handover.takeFiles(files);
        }
    }
}
