package io.vfiouser.cli;

import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ScopeType;

/// The command above all others: it only explains itself.
@Command(
        name = "vfio-user",
        versionProvider = Version.class,
        mixinStandardHelpOptions = true,
        scope = ScopeType.INHERIT,
        sortOptions = false,
        usageHelpAutoWidth = true,
        descriptionHeading = "%n",
        parameterListHeading = "%n",
        optionListHeading = "%nOptions:%n",
        commandListHeading = "%nCommands:%n",
        footerHeading = "%n",
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:done",
            "1:could not be done; one line on standard error says why",
            "2:arguments, settings or config file that cannot be meant"
        },
        description = "PCI devices in user space, written in Java and served over vfio-user.")
final class VfioUserCommand {
    /// Commands that look at all others.
    private static final Set<String> NEED_ALL = Set.of("completion");

    @Mixin final Verbosity verbosity = new Verbosity();

    private VfioUserCommand() {}

    /// The whole command line.
    ///
    /// @param out takes results
    /// @param err takes errors
    static CommandLine commandLine(PrintWriter out, PrintWriter err) {
        return commandLine(out, err, List.of());
    }

    /// A command line that is enough for some arguments: with only the command that they name, as
    /// all of them take 300 ms to be looked at. It is the whole one if they name none.
    static CommandLine commandLine(PrintWriter out, PrintWriter err, List<String> arguments) {
        var root = new VfioUserCommand();
        var errors = new ErrorLines(err, root.verbosity);
        var line = new CommandLine(root);
        Map<String, Supplier<Object>> all = commands(out, err);
        String first = arguments.isEmpty() ? "" : arguments.getFirst();
        Supplier<Object> named = NEED_ALL.contains(first) ? null : all.get(first);
        if (named == null) {
            all.forEach((name, command) -> line.addSubcommand(name, command.get()));
        } else {
            line.addSubcommand(first, named.get());
        }
        // Last, as they go to the subcommands that are there.
        return line.setOut(out)
                .setErr(err)
                .setParameterExceptionHandler(errors)
                .setExecutionExceptionHandler(errors);
    }

    private static Map<String, Supplier<Object>> commands(PrintWriter out, PrintWriter err) {
        var all = new LinkedHashMap<String, Supplier<Object>>();
        all.put("serve", () -> new ServeCommand(out, err));
        all.put("devices", () -> new DevicesCommand(out));
        all.put("ctl", () -> new CtlCommand(out));
        all.put("qemu-args", () -> new QemuArgsCommand(out, err));
        all.put("probe", () -> new ProbeCommand(out));
        all.put("conformance", () -> new ConformanceCommand(out));
        all.put("hammer", () -> new HammerCommand(out));
        all.put("trace", () -> new TraceCommand(out));
        all.put("proxy", () -> new ProxyCommand(out, err));
        all.put("replay", () -> new ReplayCommand(out));
        all.put("nvme", () -> nvme(out));
        all.put("demo", () -> new DemoCommand(out, err));
        all.put("doctor", () -> new DoctorCommand(out));
        all.put("completion", () -> new CompletionCommand(out));
        return all;
    }

    private static CommandLine nvme(PrintWriter out) {
        return new CommandLine(new NvmeCommand(out))
                .addSubcommand(new NvmeReadCommand())
                .addSubcommand(new NvmeWriteCommand())
                .addSubcommand(new NvmeBenchCommand(out));
    }
}
