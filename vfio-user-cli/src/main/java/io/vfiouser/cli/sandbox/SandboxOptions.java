package io.vfiouser.cli.sandbox;

import io.vfiouser.cli.failure.CommandException;
import io.vfiouser.cli.failure.UsageException;
import io.vfiouser.cli.text.IntRange;
import io.vfiouser.cli.text.Quoted;
import io.vfiouser.os.NativeCallException;
import io.vfiouser.os.Sandbox;
import io.vfiouser.os.SandboxSupport;
import io.vfiouser.os.UserId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The options of commands that can lock themselves in.
public final class SandboxOptions {
    private static final IntRange PORT = new IntRange(1, 65_535);
    private static final Pattern NUMBERS = Pattern.compile("(\\d{1,9}):(\\d{1,9})");

    @Option(
            names = "--sandbox",
            description =
                    "Keep this process from all that it does not need: other files, other programs,"
                            + " other TCP ports, system calls that device servers have no use for."
                            + " Refused if the kernel cannot do all of that.")
    private boolean strict;

    @Option(
            names = "--sandbox-best-effort",
            description = "The same with what this kernel can do; a line says what that is.")
    private boolean bestEffort;

    @Option(
            names = "--sandbox-user",
            paramLabel = "USER",
            description = "Become this user, a name or UID:GID; started by root.")
    private @Nullable String user;

    @Option(
            names = "--sandbox-read",
            paramLabel = "PATH",
            description =
                    "This file, or all in this directory, may be read; repeatable. Java's own"
                            + " files, the config file and the sockets' directories need not be"
                            + " named.")
    private List<Path> readable = new ArrayList<>();

    @Option(
            names = "--sandbox-write",
            paramLabel = "PATH",
            description =
                    "This file, or all in this directory, may be read and written, such as the"
                            + " files of disks; repeatable.")
    private List<Path> writable = new ArrayList<>();

    @Option(
            names = "--sandbox-connect",
            paramLabel = "PORT",
            description = "This TCP port may be connected to, such as 10809 for NBD; repeatable.")
    private List<String> ports = new ArrayList<>();

    /// Without a sandbox.
    public SandboxOptions() {}

    /// Makes sure that this process is in the sandbox that is asked for, if one is: the first time
    /// the process starts anew inside, and this does not return.
    ///
    /// @param needs says what is needed besides what the options name
    /// @return a line that says what is in force; empty if nothing is
    /// @throws UsageException for a value that cannot be meant
    /// @throws CommandException if the kernel or this user cannot do it
    public Optional<String> enter(Consumer<SandboxNeeds> needs) {
        if (!strict && !bestEffort) {
            refuseWithout("--sandbox-user", user);
            refuseWithout("--sandbox-read", readable.isEmpty() ? null : readable.getFirst());
            refuseWithout("--sandbox-write", writable.isEmpty() ? null : writable.getFirst());
            refuseWithout("--sandbox-connect", ports.isEmpty() ? null : ports.getFirst());
            return Optional.empty();
        }
        SandboxSupport support = SandboxSupport.ofKernel();
        if (Relaunch.isInside()) {
            if (support.seccomp()) {
                Sandbox.forbidPrograms();
            }
            return Optional.of("sandbox: " + inForce(support));
        }
        Optional<String> missing = support.missing();
        if (!bestEffort && missing.isPresent()) {
            throw new CommandException(
                    "--sandbox: " + missing.get() + "; --sandbox-best-effort does without");
        }
        var all = new SandboxNeeds();
        readable.forEach(all::read);
        writable.forEach(all::write);
        ports.forEach(port -> all.connect(PORT.parse("--sandbox-connect", port)));
        needs.accept(all);
        all.missing()
                .ifPresent(path -> {
                    throw new UsageException(
                            "--sandbox: %s: not there (expected: a file or directory that is)"
                                    .formatted(Quoted.path(path.toString())));
                });
        throw restart(support, all, userId());
    }

    private static CommandException restart(
            SandboxSupport support, SandboxNeeds needs, Optional<UserId> user) {
        try {
            Relaunch.inside(support, needs, user);
            throw new AssertionError("execve returned without an error");
        } catch (NativeCallException e) {
            String expected =
                    switch (e.call()) {
                        case "setgroups", "setresgid", "setresuid" ->
                                "--sandbox-user only if started by root";
                        case "execve" -> "a JDK that the user of the sandbox may start";
                        default -> "a kernel and a user that allow it";
                    };
            return new CommandException(
                    "--sandbox: %s (expected: %s)".formatted(e.getMessage(), expected), e);
        } catch (IOException e) {
            return new CommandException("--sandbox: " + e + " (expected: /proc)", e);
        }
    }

    private Optional<UserId> userId() {
        if (user == null) {
            return Optional.empty();
        }
        Matcher numbers = NUMBERS.matcher(user);
        if (numbers.matches()) {
            return Optional.of(
                    new UserId(
                            Integer.parseInt(numbers.group(1)),
                            Integer.parseInt(numbers.group(2))));
        }
        return Optional.of(
                UserId.named(user)
                        .orElseThrow(() ->
                                new UsageException(
                                        "--sandbox-user: %s: no such user (expected: a user's name,"
                                                        .formatted(Quoted.of(String.valueOf(user)))
                                                + " or UID:GID)")));
    }

    private static String inForce(SandboxSupport support) {
        List<String> parts = new ArrayList<>();
        parts.add("user " + effectiveUser());
        parts.add("no new privileges");
        if (support.landlock() > 0) {
            parts.add(
                    "files%s%s by Landlock %d"
                            .formatted(
                                    support.tcp() ? ", TCP ports" : "",
                                    support.scopes() ? ", signals" : "",
                                    support.landlock()));
        }
        if (support.seccomp()) {
            parts.add("system calls by seccomp");
        }
        support.missing().ifPresent(what -> parts.add("without " + what));
        return String.join(", ", parts);
    }

    private static String effectiveUser() {
        try {
            return String.valueOf(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
        } catch (IOException e) {
            return "unknown";
        }
    }

    private static void refuseWithout(String name, @Nullable Object value) {
        if (value != null) {
            throw new UsageException(
                    "%s: %s without --sandbox (expected: both)"
                            .formatted(name, Quoted.path(value.toString())));
        }
    }
}
