package io.vfiouser.cli;

import io.vfiouser.cli.failure.UsageException;
import io.vfiouser.cli.text.Quoted;
import io.vfiouser.cli.text.Suggestion;
import java.io.PrintWriter;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.OverwrittenOptionException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/// Turns whatever went wrong into one line on standard error, `vfio-user: value (expected:
/// condition)`, and an exit status: 2 for what the user wrote, 1 for all else.
final class ErrorLines implements IParameterExceptionHandler, IExecutionExceptionHandler {
    private final PrintWriter err;
    private final Verbosity verbosity;

    ErrorLines(PrintWriter err, Verbosity verbosity) {
        this.err = err;
        this.verbosity = verbosity;
    }

    @Override
    public int handleParseException(ParameterException e, String[] args) {
        CommandSpec command = e.getCommandLine().getCommandSpec();
        String message =
                switch (e) {
                    case MissingParameterException missing -> missing(missing);
                    case UnmatchedArgumentException unmatched -> unmatched(unmatched, command);
                    case OverwrittenOptionException twice ->
                            name(twice.getOverwritten()) + ": given twice (expected: once)";
                    default -> other(e, command);
                };
        print(message + "; see " + command.qualifiedName() + " --help", e);
        return ExitCode.USAGE;
    }

    @Override
    public int handleExecutionException(Exception e, CommandLine command, ParseResult parsed) {
        print(message(e), e);
        return e instanceof UsageException ? ExitCode.USAGE : ExitCode.SOFTWARE;
    }

    /// The message of an exception, or its type where it has none, or none that tells what the user
    /// can do about it.
    private static String message(Exception e) {
        String message = e.getMessage();
        boolean telling =
                e.getClass().getName().startsWith("io.vfiouser.")
                        || e instanceof IllegalArgumentException
                        || e instanceof IllegalStateException;
        if (message != null && telling) {
            return message;
        }
        return e.getClass().getSimpleName()
                + (message == null ? "" : ": " + message)
                + " (add -v to see where)";
    }

    private void print(String message, Exception e) {
        err.println("vfio-user: " + oneLine(message));
        if (verbosity.showsTraces()) {
            e.printStackTrace(err);
        }
        err.flush();
    }

    private static String oneLine(String message) {
        return message.lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .collect(Collectors.joining(" "));
    }

    private static String missing(MissingParameterException e) {
        List<ArgSpec> missing = e.getMissing();
        if (missing.isEmpty()) {
            return String.valueOf(e.getMessage());
        }
        return missing.stream()
                .map(arg ->
                        arg instanceof OptionSpec option
                                ? "%s: missing (expected: %s=%s)"
                                        .formatted(name(arg), name(arg), option.paramLabel())
                                : "%s: missing (expected: %s)"
                                        .formatted(
                                                arg.paramLabel(),
                                                String.join(" ", arg.description())))
                .collect(Collectors.joining(", "));
    }

    private static String unmatched(UnmatchedArgumentException e, CommandSpec command) {
        String written = e.getUnmatched().getFirst();
        if (e.isUnknownOption()) {
            Set<String> known =
                    command.options().stream()
                            .flatMap(option -> List.of(option.names()).stream())
                            .filter(name -> name.startsWith("--"))
                            .collect(Collectors.toCollection(TreeSet::new));
            return unknown("option", written, known);
        }
        Set<String> commands = names(command);
        if (!commands.isEmpty()) {
            return unknown("command", written, commands);
        }
        return Quoted.of(written) + ": one argument too many";
    }

    private static String other(ParameterException e, CommandSpec command) {
        if (e.getArgSpec() != null) {
            return "%s: %s (expected: %s)"
                    .formatted(
                            name(e.getArgSpec()),
                            Quoted.of(String.valueOf(e.getValue())),
                            e.getArgSpec().arity().max() == 0 ? "no value" : "another value");
        }
        // A command that only groups others cannot be run by itself.
        return command.subcommands().isEmpty()
                ? String.valueOf(e.getMessage())
                : "command: missing (expected: " + String.join(", ", names(command)) + ")";
    }

    private static Set<String> names(CommandSpec command) {
        return command.subcommands().keySet();
    }

    private static String unknown(String what, String written, Set<String> known) {
        String name = written.replaceFirst("=.*", "");
        return "%s: unknown %s (expected: %s%s)"
                .formatted(
                        Quoted.of(name),
                        what,
                        String.join(", ", known),
                        Suggestion.clause(name, known));
    }

    private static String name(ArgSpec arg) {
        return arg instanceof OptionSpec option ? option.longestName() : arg.paramLabel();
    }
}
