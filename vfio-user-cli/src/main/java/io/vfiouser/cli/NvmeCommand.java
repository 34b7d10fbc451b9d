package io.vfiouser.cli;

import io.vfiouser.cli.bench.BenchPlan;
import io.vfiouser.cli.bench.BenchReport;
import io.vfiouser.cli.bench.NvmeBench;
import io.vfiouser.cli.failure.CommandException;
import io.vfiouser.cli.failure.UsageException;
import io.vfiouser.nvme.CompletionMode;
import io.vfiouser.nvme.ControllerException;
import io.vfiouser.nvme.HealthLog;
import io.vfiouser.nvme.NvmeInitiator;
import io.vfiouser.nvme.NvmeNamespace;
import io.vfiouser.nvme.NvmeOptions;
import io.vfiouser.nvme.NvmeStatusException;
import java.io.PrintWriter;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        name = "nvme",
        description = {
            "Drive the NVMe controller behind a socket, as a host in user space.",
            "",
            "Any vfio-user server with an NVMe controller will do. It must have no client."
        },
        footer = {
            "Examples:",
            "  vfio-user nvme /run/vm1/nvme.sock identify",
            "  vfio-user nvme /run/vm1/nvme.sock read --length 1M --file first.img",
            "  vfio-user nvme /run/vm1/nvme.sock bench --workload randread --seconds 10"
        })
final class NvmeCommand {
    private final PrintWriter out;

    @Parameters(paramLabel = "PATH", description = "the server's socket")
    private String socket = "";

    NvmeCommand(PrintWriter out) {
        this.out = out;
    }

    @Command(
            name = "identify",
            description = "Print what the controller and its namespaces are.",
            footer = {"Example:", "  vfio-user nvme /run/vm1/nvme.sock identify"})
    void identify(@Mixin JsonOption json) {
        talk(nvme -> {
            if (json.isAsked()) {
                out.println(NvmeJson.identity(nvme));
            } else {
                printIdentity(nvme);
            }
        });
    }

    @Command(
            name = "smart",
            description = "Print the SMART / Health Information log.",
            footer = {"Example:", "  vfio-user nvme /run/vm1/nvme.sock smart"})
    void smart(@Mixin JsonOption json) {
        talk(nvme -> {
            if (json.isAsked()) {
                out.println(NvmeJson.health(nvme.health()));
            } else {
                printHealth(nvme.health());
            }
        });
    }

    /// Runs what uses one namespace by one polled queue.
    void transfer(int namespace, NvmeTransfer.Job job) {
        talk(nvme -> {
            NvmeNamespace found = find(nvme, namespace);
            try (var queue = nvme.openQueue(CompletionMode.POLLED);
                    var buffer = nvme.allocate(queue.maxTransfer())) {
                job.run(new NvmeTransfer(queue, found, buffer));
            }
        });
    }

    /// Runs a benchmark.
    ///
    /// @param runs how many times
    /// @param options what the initiator needs for it
    /// @param then is given the report of each
    void bench(BenchPlan plan, int runs, NvmeOptions options, Consumer<BenchReport> then) {
        talk(
                options,
                nvme -> {
                    try {
                        NvmeNamespace found = find(nvme, plan.namespace());
                        BenchPlan next = plan;
                        for (int i = 0; i < runs; i++) {
                            then.accept(new NvmeBench(nvme, found, next).run());
                            next = plan.again();
                        }
                    } catch (IllegalArgumentException e) {
                        throw new UsageException(String.valueOf(e.getMessage()), e);
                    } catch (InterruptedException e) {
                        throw new CommandException("interrupted", e);
                    }
                });
    }

    private static NvmeNamespace find(NvmeInitiator nvme, int namespace) {
        return nvme.namespaces().stream()
                .filter(one -> one.id() == namespace)
                .findFirst()
                .orElseThrow(() ->
                        new UsageException(
                                "--namespace: %d (expected: one of %s)"
                                        .formatted(
                                                namespace,
                                                nvme.namespaces().stream()
                                                        .map(NvmeNamespace::id)
                                                        .toList())));
    }

    private void talk(Consumer<NvmeInitiator> job) {
        talk(NvmeOptions.defaults(), job);
    }

    private void talk(NvmeOptions options, Consumer<NvmeInitiator> job) {
        ServerAt server = ServerAt.parse(socket, "5s");
        server.talk(() -> {
            try (var nvme = NvmeInitiator.connect(server.path(), options)) {
                job.accept(nvme);
                return nvme;
            } catch (NvmeStatusException | ControllerException e) {
                throw new CommandException(socket + ": " + e.getMessage(), e);
            }
        });
    }

    private void printIdentity(NvmeInitiator nvme) {
        var controller = nvme.controller();
        int version = controller.version();
        out.printf("model         %s%n", controller.model());
        out.printf("serial        %s%n", controller.serial());
        out.printf("firmware      %s%n", controller.firmware());
        out.printf("vendor        %04x%n", controller.vendor());
        out.printf("version       %d.%d%n", version >>> 16, version >>> 8 & 0xff);
        out.printf("subsystem     %s%n", controller.subsystem());
        out.printf("I/O queues    %d%n", nvme.ioQueues());
        out.printf("write cache   %s%n", controller.volatileWriteCache() ? "volatile" : "none");
        out.printf("SGLs          %s%n", controller.takesSgls() ? "yes" : "no");
        out.printf("doorbells     %s%n", nvme.doorbellsMapped() ? "mapped" : "messages");
        for (NvmeNamespace namespace : nvme.namespaces()) {
            out.printf(
                    "namespace %-3d %d blocks of %d bytes%n",
                    namespace.id(), namespace.blocks(), namespace.blockSize());
        }
    }

    private void printHealth(HealthLog health) {
        out.printf("critical warning    0x%02x%n", health.criticalWarning());
        out.printf("temperature         %d K%n", health.kelvin());
        out.printf("available spare     %d %%%n", health.availableSpare());
        out.printf("percentage used     %d %%%n", health.percentageUsed());
        out.printf("data units read     %s%n", Long.toUnsignedString(health.dataUnitsRead()));
        out.printf("data units written  %s%n", Long.toUnsignedString(health.dataUnitsWritten()));
        out.printf("host reads          %s%n", Long.toUnsignedString(health.hostReads()));
        out.printf("host writes         %s%n", Long.toUnsignedString(health.hostWrites()));
        out.printf("power cycles        %s%n", Long.toUnsignedString(health.powerCycles()));
        out.printf("power on hours      %s%n", Long.toUnsignedString(health.powerOnHours()));
        out.printf("unsafe shutdowns    %s%n", Long.toUnsignedString(health.unsafeShutdowns()));
        out.printf("media errors        %s%n", Long.toUnsignedString(health.mediaErrors()));
        out.printf("error log entries   %s%n", Long.toUnsignedString(health.errorLogEntries()));
    }
}
