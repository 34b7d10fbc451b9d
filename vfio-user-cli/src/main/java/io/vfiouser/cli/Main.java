package io.vfiouser.cli;

import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine.ExitCode;

/// The `vfio-user` program.
///
/// It ends with 0 when the command did what it was asked for, 1 when it could not, 2 when the
/// arguments cannot be meant.
public final class Main {
    private Main() {}

    /// Runs one command and ends the process.
    public static void main(String[] args) {
        // Event loops and other threads that are no daemons must not keep the process.
        System.exit(run(args, writer(System.out), writer(System.err)));
    }

    private static int run(String[] args, PrintWriter out, PrintWriter err) {
        try {
            return VfioUserCommand.commandLine(out, err, List.of(args)).execute(args);
        } catch (VirtualMachineError | LinkageError e) {
            err.println("vfio-user: " + e + " (expected: enough memory, and a whole installation)");
            return ExitCode.SOFTWARE;
        }
    }

    private static PrintWriter writer(PrintStream stream) {
        return new PrintWriter(new OutputStreamWriter(stream, stream.charset()), true);
    }
}
