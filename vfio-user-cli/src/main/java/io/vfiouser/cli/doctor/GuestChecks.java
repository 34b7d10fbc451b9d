package io.vfiouser.cli.doctor;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// What guests need; the server does not.
final class GuestChecks {
    private static final Path KVM = Path.of("/dev/kvm");

    private final ToolSearch tools;

    GuestChecks(ToolSearch tools) {
        this.tools = tools;
    }

    List<Finding> findings() {
        return List.of(qemu(), kvm());
    }

    private Finding qemu() {
        String name =
                System.getProperty("os.arch").equals("aarch64")
                        ? "qemu-system-aarch64"
                        : "qemu-system-x86_64";
        Optional<Path> program = tools.find(name);
        if (program.isEmpty()) {
            return Finding.warn(
                    "QEMU",
                    name + ": not in PATH",
                    "for guests install QEMU 10.1 or later; mvn verify -Pguest fetches one for"
                            + " itself");
        }
        String version =
                ToolSearch.output(program.get(), "--version").lines().findFirst().orElse(name);
        boolean has =
                ToolSearch.output(program.get(), "-device", "help").contains("\"vfio-user-pci\"");
        return has
                ? Finding.ok("QEMU", version + ", with vfio-user-pci")
                : Finding.warn(
                        "QEMU",
                        version + ", without vfio-user-pci",
                        "10.1 is the first with it, if built with it");
    }

    private static Finding kvm() {
        if (!Files.exists(KVM)) {
            return Finding.warn(
                    "KVM",
                    KVM + ": not there",
                    "guests run with -accel tcg, some ten times slower");
        }
        return Files.isReadable(KVM) && Files.isWritable(KVM)
                ? Finding.ok("KVM", KVM.toString())
                : Finding.warn(
                        "KVM",
                        KVM + ": not for " + System.getProperty("user.name"),
                        "add the user to the group that it belongs to, often kvm");
    }
}
