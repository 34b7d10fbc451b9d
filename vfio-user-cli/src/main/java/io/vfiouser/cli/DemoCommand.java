package io.vfiouser.cli;

import io.vfiouser.cli.demo.DemoLog;
import io.vfiouser.cli.demo.DeviceDemo;
import io.vfiouser.cli.plan.InheritedSockets;
import io.vfiouser.cli.plan.PlannedDevice;
import io.vfiouser.cli.plan.ServePlan;
import io.vfiouser.cli.plan.ServeRequest;
import io.vfiouser.cli.qemu.QemuArguments;
import io.vfiouser.cli.types.DeviceTypes;
import io.vfiouser.client.VfioUserClient;
import io.vfiouser.server.options.ServerOptions;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "demo",
        description = {
            "Serve devices and drive them over their sockets.",
            "All run on one event loop. Config space, registers, interrupts and DMA are tried;",
            "prints what was seen, and how a guest gets the devices."
        },
        footer = {"Examples:", "  vfio-user demo", "  vfio-user demo --stay"})
final class DemoCommand implements Callable<Integer> {
    private static final long GUEST_MEMORY = 512 << 20;

    private final PrintWriter out;
    private final PrintWriter err;

    @Option(names = "--stay", description = "Keep serving until SIGTERM or SIGINT, for a guest.")
    private boolean stay;

    DemoCommand(PrintWriter out, PrintWriter err) {
        this.out = out;
        this.err = err;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        DeviceTypes types = DeviceTypes.installed();
        Path directory = Files.createTempDirectory("vfio-user-demo-");
        ServePlan plan =
                ServePlan.of(
                        DeviceDemo.ALL.stream().map(demo -> request(demo, directory)).toList(),
                        types,
                        InheritedSockets.of(Map.of(), 0));
        try (var service =
                Service.start(
                        ServerOptions.defaults(),
                        Duration.ZERO,
                        () -> remove(directory),
                        _ -> {},
                        err)) {
            service.serve(plan.devices());
            out.println(
                    "%d devices in Java, one process, one event loop"
                            .formatted(plan.devices().size()));
            for (int i = 0; i < plan.devices().size(); i++) {
                drive(DeviceDemo.ALL.get(i), plan.devices().get(i), types);
            }
            out.println();
            printQemuArguments(plan);
            if (stay) {
                out.println(Service.readyLine(plan));
                service.awaitEnd();
            }
        }
        return 0;
    }

    private void drive(DeviceDemo demo, PlannedDevice device, DeviceTypes types) {
        out.println();
        out.println(demo.type() + ": " + types.type(demo.type()).description());
        try (var client = VfioUserClient.connect(device.socket())) {
            demo.run(client, new DemoLog(device.name(), out));
        }
    }

    private void printQemuArguments(ServePlan plan) {
        List<Path> sockets = plan.devices().stream().map(PlannedDevice::socket).toList();
        out.println(
                stay
                        ? "QEMU (10.1 or later) attaches them to a guest by:"
                        : "QEMU (10.1 or later) attaches them to a guest by this, while they are"
                                + " there; 'demo --stay' has them stay, elsewhere:");
        out.println(new QemuArguments(sockets, GUEST_MEMORY).shellText().indent(4).stripTrailing());
    }

    private static ServeRequest request(DeviceDemo demo, Path directory) {
        String socket = directory.resolve(demo.type() + ".sock").toString();
        return new ServeRequest("", demo.type(), socket, 1, Map.of());
    }

    /// The server has removed the sockets.
    private void remove(Path directory) {
        try {
            Files.deleteIfExists(directory);
        } catch (IOException e) {
            err.println("vfio-user: " + directory + ": cannot be removed: " + e.getMessage());
        }
    }
}
