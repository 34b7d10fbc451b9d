package io.vfiouser.cli;

import java.io.PrintWriter;
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
    @Mixin final Verbosity verbosity = new Verbosity();

    private VfioUserCommand() {}

    /// The whole command line.
    ///
    /// @param out takes results
    /// @param err takes errors
    static CommandLine commandLine(PrintWriter out, PrintWriter err) {
        var root = new VfioUserCommand();
        var errors = new ErrorLines(err, root.verbosity);
        return new CommandLine(root)
                .addSubcommand(new ServeCommand(out, err))
                .addSubcommand(new DevicesCommand(out))
                .addSubcommand(new CtlCommand(out))
                .addSubcommand(new QemuArgsCommand(out, err))
                .addSubcommand(new ProbeCommand(out))
                .addSubcommand(new ConformanceCommand(out))
                .addSubcommand(new HammerCommand(out))
                .addSubcommand(new TraceCommand(out))
                .addSubcommand(new ProxyCommand(out, err))
                .addSubcommand(new ReplayCommand(out))
                .addSubcommand(nvme(out))
                .addSubcommand(new DemoCommand(out, err))
                .addSubcommand(new DoctorCommand(out))
                .addSubcommand(new CompletionCommand(out))
                .setOut(out)
                .setErr(err)
                .setParameterExceptionHandler(errors)
                .setExecutionExceptionHandler(errors);
    }

    private static CommandLine nvme(PrintWriter out) {
        return new CommandLine(new NvmeCommand(out))
                .addSubcommand(new NvmeReadCommand())
                .addSubcommand(new NvmeWriteCommand())
                .addSubcommand(new NvmeBenchCommand(out));
    }
}
