package io.vfiouser.testkit.guest;

import io.vfiouser.testkit.process.LineLog;
import io.vfiouser.testkit.process.ProcessTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// A Linux guest in QEMU that runs one script: its PCI devices are served by vfio-user servers.
///
/// ```java
/// GuestVm.named("checksum", GuestRig.fetched(), Path.of("target", "guests"))
///         .device(socket)
///         .shell("lspci -d 1234:c5c0 | grep -q . && echo found")
///         .boot()
///         .requireSuccess();
/// ```
///
/// The script runs as root on busybox. Each [#boot()] is a new guest; an instance may be used by
/// one thread at a time.
public final class GuestVm {
    /// What `run-guest.sh` gives when the guest brought no result: 124 for a timeout, 125 else.
    private static final int FIRST_STATUS_OF_THE_RIG = 124;

    private static final Duration OUTPUT_PATIENCE = Duration.ofSeconds(10);

    private final String name;
    private final GuestRig rig;
    private final Path directory;
    private final Script script;
    private final List<String> buildOptions;
    private final List<String> runOptions;
    private final boolean tools;
    private final Optional<Path> bootDisk;
    private final Consumer<String> listener;
    private final Duration timeout;
    private final Duration grace;

    private GuestVm(Builder builder, Script script) {
        this.name = builder.name;
        this.rig = builder.rig;
        this.directory = builder.directory;
        this.script = script;
        this.buildOptions = List.copyOf(builder.buildOptions);
        this.runOptions = List.copyOf(builder.runOptions);
        this.tools = builder.tools || builder.bootDisk.isPresent();
        this.bootDisk = builder.bootDisk;
        this.listener = builder.listener;
        this.timeout = builder.timeout;
        this.grace = builder.grace;
    }

    /// A guest to be described.
    ///
    /// @param name names its files: `NAME.log`, the console, and `NAME.cpio`
    /// @param rig where QEMU and the kernel come from, and what happens if they are not there
    /// @param directory where its files go; made if it is not there
    public static Builder named(String name, GuestRig rig, Path directory) {
        return new Builder(name, rig, directory);
    }

    /// Boots the guest and waits until it has powered off.
    ///
    /// @return how the script ended, whatever its status
    /// @throws AssertionError if the script could not be started or did not come to its end (a
    ///   timeout, a panic, QEMU gone), with the console's last 80 lines; or if the rig cannot run
    ///   guests here
    /// @throws IOException if a file of the guest's cannot be written
    public GuestResult boot() throws IOException, InterruptedException {
        GuestResult result = bootToAnyEnd();
        if (result.status() >= FIRST_STATUS_OF_THE_RIG) {
            throw result.failure("no result, run-guest.sh: status " + result.status());
        }
        return result;
    }

    /// As [#boot()], for a test that takes the guest's device away, which QEMU may not survive: an
    /// end without a result of the script is not an error.
    ///
    /// @return how the guest ended: status 125 if QEMU ended first, 124 for a timeout
    public GuestResult bootToAnyEnd() throws IOException, InterruptedException {
        rig.prepare(tools);
        Files.createDirectories(directory);
        Path log = directory.resolve(name + ".log");
        Path initrd = directory.resolve(name + ".cpio");
        Path script = this.script.in(directory.resolve(name + ".sh"));
        build("initramfs", buildCommand(script, initrd), log);
        List<String> source = List.of("--initrd", initrd.toString());
        if (bootDisk.isPresent()) {
            String token = "%016x".formatted(ThreadLocalRandom.current().nextLong());
            build("boot disk", diskCommand(initrd, bootDisk.get(), token), log);
            source = List.of("--boot-token", token);
        }
        return run(runCommand(source), log);
    }

    private void build(String what, List<String> command, Path log)
            throws IOException, InterruptedException {
        GuestResult built = run(command, log);
        if (built.status() != 0) {
            throw built.failure(what + ": status " + built.status() + " (expected: 0)");
        }
    }

    private List<String> diskCommand(Path initrd, Path disk, String token) {
        String script = rig.script("build-boot-disk.sh").toString();
        return List.of(script, initrd.toString(), disk.toString(), token);
    }

    private List<String> buildCommand(Path script, Path initrd) {
        var command = new ArrayList<String>();
        command.add(rig.script("build-initramfs.sh").toString());
        command.addAll(buildOptions);
        command.add(script.toAbsolutePath().toString());
        command.add(initrd.toString());
        return command;
    }

    private List<String> runCommand(List<String> source) {
        var command = new ArrayList<String>();
        command.add(rig.script("run-guest.sh").toString());
        command.addAll(source);
        command.addAll(List.of("--timeout", Long.toString(timeout.toSeconds())));
        command.addAll(runOptions);
        return command;
    }

    private GuestResult run(List<String> command, Path file)
            throws IOException, InterruptedException {
        long start = System.nanoTime();
        Process process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectInput(Path.of("/dev/null").toFile())
                        .start();
        try {
            LineLog output = LineLog.follow(process.getInputStream(), listener, file);
            boolean ended = process.waitFor(timeout.plus(grace).toMillis(), TimeUnit.MILLISECONDS);
            if (!ended) {
                ProcessTree.kill(process);
            }
            output.awaitEnd(OUTPUT_PATIENCE);
            var duration = Duration.ofNanos(System.nanoTime() - start);
            var result = new GuestResult(name, process.exitValue(), output.lines(), duration, file);
            if (!ended) {
                throw result.failure("still running, killed: " + String.join(" ", command));
            }
            return result;
        } finally {
            ProcessTree.kill(process);
        }
    }

    /// Where the guest's script is once the guest is to boot.
    @FunctionalInterface
    private interface Script {
        /// @param file where one can be written
        Path in(Path file) throws IOException;
    }

    /// Describes a guest. Methods return this builder.
    public static final class Builder {
        private final String name;
        private final GuestRig rig;
        private final Path directory;
        private final List<String> buildOptions = new ArrayList<>();
        private final List<String> runOptions = new ArrayList<>();
        private boolean tools;
        private Optional<Path> bootDisk = Optional.empty();
        private Consumer<String> listener = _ -> {};
        private Duration timeout = Duration.ofMinutes(2);
        private Duration grace = Duration.ofSeconds(20);

        private Builder(String name, GuestRig rig, Path directory) {
            this.name = name;
            this.rig = rig;
            this.directory = directory;
        }

        /// Kernel modules to load before the script runs, with what they depend on. Without this,
        /// `nvme` and `virtio_blk`; with no names, none.
        public Builder modules(String... modules) {
            buildOptions.addAll(List.of("--modules", String.join(" ", modules)));
            return this;
        }

        /// Programs for the script besides busybox: of `fio`, `nvme`, `mkfs.ext4`, `e2fsck`,
        /// `lspci`, `setpci`, and `gpiodetect`, `gpioget`, `gpioinfo`, `gpiomon`, `gpioset`.
        public Builder tools(String... tools) {
            this.tools = true;
            buildOptions.addAll(List.of("--tools", String.join(" ", tools)));
            return this;
        }

        /// One more device, served at `socket`. Devices keep this order on the guest's PCI bus.
        public Builder device(Path socket) {
            runOptions.addAll(List.of("--socket", socket.toString()));
            return this;
        }

        /// Kernel parameters, which the script finds in `/proc/cmdline`.
        public Builder kernelParameters(String... parameters) {
            runOptions.addAll(List.of("--append", String.join(" ", parameters)));
            return this;
        }

        /// Further options of `run-guest.sh`, as its `--help` describes them.
        public Builder options(String... options) {
            runOptions.addAll(List.of(options));
            return this;
        }

        /// Has the guest's BIOS boot the first device instead of QEMU a kernel. Kernel and script
        /// are written into `disk` when the guest starts: a file of 64 MiB or more that the device
        /// serves. The kernel then has no parameters of the test's.
        public Builder bootDisk(Path disk) {
            bootDisk = Optional.of(disk);
            return this;
        }

        /// Gets each line of the console as it comes, on a thread of its own.
        public Builder console(Consumer<String> listener) {
            this.listener = listener;
            return this;
        }

        /// How long the guest may run, in seconds, rounded up; 2 minutes unless set.
        ///
        /// @throws IllegalArgumentException unless it is above zero
        public Builder timeout(Duration timeout) {
            if (!timeout.isPositive()) {
                throw new IllegalArgumentException(
                        "timeout: " + timeout + " (expected: above zero)");
            }
            this.timeout = Duration.ofSeconds(timeout.plusNanos(999_999_999).toSeconds());
            return this;
        }

        /// How much longer the rig's scripts may take to end by themselves before they are killed.
        Builder grace(Duration grace) {
            this.grace = grace;
            return this;
        }

        /// The guest that runs `script` as root after it has booted.
        public GuestVm script(Path script) {
            return new GuestVm(this, _ -> script);
        }

        /// The guest that runs these lines of busybox's shell as root after it has booted. Its
        /// status is that of the last one.
        public GuestVm shell(String lines) {
            return new GuestVm(this, file -> Files.writeString(file, "#!/bin/sh\n" + lines + "\n"));
        }
    }
}
