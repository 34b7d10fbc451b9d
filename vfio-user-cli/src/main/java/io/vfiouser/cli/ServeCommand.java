package io.vfiouser.cli;

import io.vfiouser.cli.failure.UsageException;
import io.vfiouser.cli.plan.ConfigFile;
import io.vfiouser.cli.plan.InheritedSockets;
import io.vfiouser.cli.plan.PlannedDevice;
import io.vfiouser.cli.plan.ServePlan;
import io.vfiouser.cli.plan.ServeRequest;
import io.vfiouser.cli.plan.ServiceTerms;
import io.vfiouser.cli.sandbox.SandboxNeeds;
import io.vfiouser.cli.sandbox.SandboxOptions;
import io.vfiouser.cli.text.CpuList;
import io.vfiouser.cli.text.Durations;
import io.vfiouser.cli.text.IntRange;
import io.vfiouser.cli.text.Quoted;
import io.vfiouser.cli.trace.CaptureOptions;
import io.vfiouser.cli.trace.Captures;
import io.vfiouser.cli.types.DeviceTypes;
import io.vfiouser.control.ControlServer;
import io.vfiouser.server.handover.HandoverOptions;
import io.vfiouser.server.options.Endpoint;
import io.vfiouser.server.options.ServerOptions;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "serve",
        description = {
            "Serve devices on UNIX sockets, one client at a time each, until SIGTERM or SIGINT.",
            "",
            "When all of them listen, one line is printed: ready pid=PID devices=N"
        },
        footer = {
            "A config file lists devices of several types:",
            "  devices:",
            "    - type: gpio",
            "      socket: /run/vm1/gpio.sock",
            "    - type: testdev",
            "      socket: /run/vm1/testdev%%d.sock",
            "      count: 4",
            "      set: {key: value}",
            "      filters: ['delay:read=5ms', log]",
            "",
            "Examples:",
            "  vfio-user serve gpio --socket /run/vm1/gpio.sock",
            "  vfio-user serve testdev --socket /run/testdev%%d.sock --count 4",
            "  vfio-user serve --config fleet.yaml --event-loops 2",
            "  vfio-user serve gpio --socket /run/gpio.sock --filter log --filter"
                    + " error:write=EIO@1%%",
            "  vfio-user serve gpio --socket /run/gpio.sock --control unix:/run/ctl.sock",
            "  vfio-user serve gpio --socket /run/vm1/gpio.sock --socket-mode 0660 --socket-group"
                    + " kvm",
            "  vfio-user serve nvme --socket /run/vm1/nvme.sock --set backend=file --set"
                + " path=/srv/vm1/disk.img --sandbox --sandbox-write /srv/vm1 --sandbox-user vm1"
        })
final class ServeCommand implements Callable<Integer> {
    private static final IntRange COUNT = new IntRange(1, ServeRequest.MAX_COUNT);
    private static final IntRange EVENT_LOOPS = new IntRange(1, 1024);

    private final PrintWriter out;
    private final PrintWriter err;

    @Parameters(
            arity = "0..1",
            paramLabel = "TYPE",
            description = "device type; 'vfio-user devices' lists them")
    private @Nullable String type;

    @Option(
            names = "--socket",
            paramLabel = "PATH",
            description =
                    "Where to listen; %%d in it becomes 0 to N-1. fd=N is a socket that was left"
                            + " open for this process, listening or connected; fd=NAME is one of"
                            + " systemd's, whose sockets are also taken, one a device, when there"
                            + " is no --socket.")
    private @Nullable String socket;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "A setting of the device type; repeatable.")
    private List<String> settings = new ArrayList<>();

    @Option(
            names = "--filter",
            paramLabel = "NAME[:KEY=VALUE,...]",
            description =
                    "Something around the device: log, stats, delays, faults; 'vfio-user devices'"
                            + " lists them. Repeatable, outermost first.")
    private List<String> filters = new ArrayList<>();

    @Option(
            names = "--count",
            paramLabel = "N",
            description = "How many devices of the type; 1 unless given.")
    private @Nullable String count;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "Serve the devices of this YAML file instead.")
    private @Nullable Path config;

    @Option(
            names = "--event-loops",
            paramLabel = "N",
            description = "Threads that share the devices; 1 unless given.")
    private @Nullable String eventLoops;

    @Mixin private BusyPollOption busyPoll = new BusyPollOption();

    @Option(
            names = "--cpus",
            paramLabel = "LIST",
            description =
                    "Keep the event loops on these CPUs, as in 2-5,8; as many loops as CPUs unless"
                            + " --event-loops says otherwise.")
    private @Nullable String cpus;

    @Option(
            names = "--dialect",
            paramLabel = "NAME",
            description = "What the clients speak: current, or legacy, that of 2021.")
    private String dialect = DialectOption.DEFAULT;

    @Option(
            names = "--grace",
            paramLabel = "TIME",
            description =
                    "At the end ask the clients to leave, by the REQ interrupt, and give them so"
                            + " long before they are disconnected, as in 5s.")
    private @Nullable String grace;

    @Mixin private ControlOptions control = new ControlOptions();

    @Option(
            names = "--handover",
            paramLabel = "PATH",
            description =
                    "Offer, at this socket, that another process of the same user takes all devices"
                            + " over while their clients stay connected.")
    private @Nullable Path handover;

    @Option(
            names = "--takeover",
            paramLabel = "PATH",
            description =
                    "Take over from the process that offers it at this socket, and offer it there"
                            + " from then on. Without TYPE and --config: the same devices with the"
                            + " same options. That process ends; if this one cannot take over it"
                            + " goes on.")
    private @Nullable Path takeover;

    @Mixin private TermOptions terms = new TermOptions();

    @Mixin private CaptureOptions capture = new CaptureOptions();

    @Mixin private SandboxOptions sandbox = new SandboxOptions();

    @Option(names = "--once", description = "End with 0 when the first client has left.")
    private boolean once;

    @Spec private CommandSpec spec = CommandSpec.create();

    ServeCommand(PrintWriter out, PrintWriter err) {
        this.out = out;
        this.err = err;
    }

    @Override
    public Integer call() throws InterruptedException {
        if (handover != null && takeover != null) {
            throw new UsageException(
                    "--handover: %s beside --takeover (expected: one of them; what is taken over is"
                                    .formatted(handover)
                            + " offered again)");
        }
        ServerOptions options = options();
        Duration graceTime = graceTime(grace);
        Optional<ServePlan> planned = isAsBefore() ? Optional.empty() : Optional.of(plan());
        sandbox.enter(needs -> need(needs, planned)).ifPresent(out::println);
        if (takeover != null && Files.exists(takeover)) {
            Rehearsal.run(takeover.toAbsolutePath().resolveSibling(""));
        }
        Captures captures = capture.start(out);
        try (var service = Service.start(options, graceTime, captures::close, captures::on, err)) {
            ServePlan plan =
                    takeover == null
                            ? serve(service, planned.orElseThrow())
                            : takeOver(service, takeover, planned);
            Optional<ControlServer> controlled = control.start(service.server(), err);
            try {
                out.println(Service.readyLine(plan));
                awaitEnd(service, plan);
            } finally {
                controlled.ifPresent(ControlServer::close);
            }
        }
        return 0;
    }

    /// What a sandbox must leave; not the files that devices use, which the user names.
    private void need(SandboxNeeds needs, Optional<ServePlan> planned) {
        control.need(needs);
        capture.output().ifPresent(needs::make);
        Stream.of(Optional.ofNullable(handover), Optional.ofNullable(takeover))
                .flatMap(Optional::stream)
                .forEach(needs::socket);
        Optional.ofNullable(config).ifPresent(needs::read);
        for (PlannedDevice device : planned.map(ServePlan::devices).orElse(List.of())) {
            device.service().stateDirectory().ifPresent(needs::write);
            switch (device.endpoint()) {
                case Endpoint.AtPath at -> needs.socket(at.path());
                case Endpoint.Inherited inherited ->
                        needs.descriptor(inherited.socket().intValue());
            }
        }
    }

    private void awaitEnd(Service service, ServePlan plan) throws InterruptedException {
        if (once) {
            CompletableFuture.anyOf(service.firstClientGone(), service.closed()).join();
        } else if (plan.endsWithItsClients()) {
            service.awaitClosed();
        } else {
            service.awaitEnd();
        }
    }

    /// Whether the process that is taken over says what to serve.
    private boolean isAsBefore() {
        return takeover != null && type == null && config == null;
    }

    private ServePlan serve(Service service, ServePlan plan) {
        OpenFiles.allowed().ifPresent(files -> files.check(plan.devices().size(), err));
        service.serve(plan.devices());
        if (handover != null) {
            service.offerHandover(HandoverOptions.at(handover).withNote(note()));
        }
        return plan;
    }

    private ServePlan takeOver(Service service, Path from, Optional<ServePlan> planned) {
        HandoverOptions options = HandoverOptions.at(from);
        return planned.map(plan -> service.takeOver(options.withNote(note()), _ -> plan, out))
                .orElseGet(() -> service.takeOver(options, note -> parsed(note).plan(), out));
    }

    private ServePlan plan() {
        var inherited = InheritedSockets.of(System.getenv(), ProcessHandle.current().pid());
        return ServePlan.of(
                requests(inherited), DeviceTypes.installed(), inherited, control.isOn());
    }

    /// How this command was started, for a process that takes over and is told nothing else.
    private String note() {
        List<String> all = spec.commandLine().getParseResult().originalArgs();
        return String.join("\n", all.subList(all.indexOf("serve") + 1, all.size()));
    }

    /// The command that a note tells of.
    private ServeCommand parsed(String note) {
        var command = new ServeCommand(out, err);
        var line = new CommandLine(command);
        try {
            line.parseArgs(note.split("\n", -1));
        } catch (CommandLine.ParameterException e) {
            throw new UsageException(
                    "--takeover: the other process's options: "
                            + e.getMessage()
                            + " (expected: some that this version takes)",
                    e);
        }
        return command;
    }

    private ServerOptions options() {
        ServerOptions options =
                ServerOptions.defaults()
                        .withBusyPoll(busyPoll.value())
                        .withHandover(handover != null || takeover != null);
        if (cpus != null) {
            List<Integer> list = CpuList.parse("--cpus", cpus);
            options = options.withCpus(list).withEventLoops(list.size());
        }
        return eventLoops == null
                ? options
                : options.withEventLoops(EVENT_LOOPS.parse("--event-loops", eventLoops));
    }

    private ServiceTerms serviceTerms() {
        return terms.terms().withDialect(DialectOption.parse(dialect));
    }

    private static Duration graceTime(@Nullable String text) {
        if (text == null) {
            return Duration.ZERO;
        }
        return Durations.parse(text)
                .orElseThrow(() ->
                        new UsageException(
                                "--grace: " + Quoted.of(text) + " (expected: a time, as in 5s)"));
    }

    private List<ServeRequest> requests(InheritedSockets inherited) {
        if (config != null) {
            refuseBesidesConfig("TYPE", type);
            refuseBesidesConfig("--socket", socket);
            refuseBesidesConfig("--count", count);
            refuseBesidesConfig("--set", settings.isEmpty() ? null : settings.getFirst());
            refuseBesidesConfig("--filter", filters.isEmpty() ? null : filters.getFirst());
            return ConfigFile.read(config, serviceTerms());
        }
        if (type == null) {
            throw new UsageException("TYPE: missing (expected: a device type, or --config=FILE)");
        }
        Map<String, String> set = SettingOptions.parse(settings);
        if (socket == null) {
            return activated(type, set, inherited.activated());
        }
        int devices = count == null ? 1 : COUNT.parse("--count", count);
        return List.of(new ServeRequest("", type, socket, devices, set, filters, serviceTerms()));
    }

    private List<ServeRequest> activated(
            String deviceType, Map<String, String> set, List<String> sockets) {
        if (sockets.isEmpty()) {
            throw new UsageException("--socket: missing (expected: --socket=PATH)");
        }
        if (count != null && COUNT.parse("--count", count) != sockets.size()) {
            throw new UsageException(
                    "--count: %s (expected: %d, the sockets of LISTEN_FDS)"
                            .formatted(count, sockets.size()));
        }
        ServiceTerms common = serviceTerms();
        return sockets.stream()
                .map(each -> new ServeRequest("", deviceType, each, 1, set, filters, common))
                .toList();
    }

    private static void refuseBesidesConfig(String name, @Nullable String value) {
        if (value != null) {
            throw new UsageException(
                    "%s: %s beside --config (expected: it to be in the config file)"
                            .formatted(name, value));
        }
    }
}
