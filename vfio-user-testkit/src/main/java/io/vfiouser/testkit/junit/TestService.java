package io.vfiouser.testkit.junit;

import io.vfiouser.client.VfioUserClient;
import io.vfiouser.device.Device;
import io.vfiouser.filters.FilteredDevice;
import io.vfiouser.filters.TraceEvent;
import io.vfiouser.filters.TraceRecorder;
import io.vfiouser.server.VfioUserServer;
import io.vfiouser.server.options.ServerOptions;
import io.vfiouser.testkit.vmm.FakeVmm;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.extension.ParameterResolutionException;

/// What one test has: a server, its devices, and the clients that it asked for.
final class TestService implements AutoCloseable {
    private static final int REMEMBERED = 50;

    private final VfioUserServer server;
    private final Path directory;
    private final OpenDescriptors before;
    private final Map<String, TraceRecorder> recorders = new LinkedHashMap<>();
    private final Map<String, VfioUserClient> clients = new HashMap<>();
    private final Map<String, FakeVmm> machines = new HashMap<>();

    private TestService(VfioUserServer server, Path directory, OpenDescriptors before) {
        this.server = server;
        this.directory = directory;
        this.before = before;
    }

    static TestService start(
            Map<String, Supplier<? extends Device>> devices,
            boolean traced,
            OpenDescriptors before) {
        var service =
                new TestService(
                        VfioUserServer.start(ServerOptions.defaults()), newDirectory(), before);
        try {
            devices.forEach((name, device) -> service.serve(name, device.get(), traced));
        } catch (RuntimeException e) {
            service.close();
            throw e;
        }
        return service;
    }

    /// What was open before it started.
    OpenDescriptors before() {
        return before;
    }

    Path socket(String name) {
        return directory.resolve(name);
    }

    VfioUserClient client(String name) {
        return clients.computeIfAbsent(name, _ -> VfioUserClient.connect(socket(name)));
    }

    FakeVmm machine(String name) {
        return machines.computeIfAbsent(name, _ -> FakeVmm.plug(socket(name)));
    }

    TraceRecorder recorder(String name) {
        TraceRecorder recorder = recorders.get(name);
        if (recorder == null) {
            throw new ParameterResolutionException(
                    "recorder: of an extension that is untraced (expected: one that records)");
        }
        return recorder;
    }

    /// What happened last, by device, a line for each; without devices to which nothing did.
    Map<String, String> traces() {
        var traces = new LinkedHashMap<String, String>();
        recorders.forEach((name, recorder) -> {
            String lines =
                    recorder.events().stream()
                            .map(TraceEvent::toString)
                            .collect(Collectors.joining("\n"));
            if (!lines.isEmpty()) {
                traces.put(name, lines);
            }
        });
        return traces;
    }

    @Override
    public void close() {
        clients.values().forEach(VfioUserClient::close);
        machines.values().forEach(FakeVmm::close);
        server.close();
        try {
            Files.delete(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void serve(String name, Device device, boolean traced) {
        Device served = Objects.requireNonNull(device, "device");
        if (traced) {
            var recorder = new TraceRecorder(REMEMBERED);
            recorders.put(name, recorder);
            served = FilteredDevice.of(device, recorder);
        }
        server.serve(name, served, socket(name));
    }

    private static Path newDirectory() {
        try {
            return Files.createTempDirectory("vfio-user-test");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
