package io.vfiouser.cli.sandbox;

import io.vfiouser.os.FileRule;
import io.vfiouser.os.FileRule.Access;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// What the Java runtime and the C library read on any machine; what is not there is left out.
final class JavaFiles {
    private static final List<String> READ =
            List.of(
                    "/lib",
                    "/lib64",
                    "/usr/lib",
                    "/usr/lib64",
                    "/etc/ld.so.cache",
                    "/etc/nsswitch.conf",
                    "/etc/passwd",
                    "/etc/group",
                    "/etc/hosts",
                    "/etc/host.conf",
                    "/etc/gai.conf",
                    "/etc/resolv.conf",
                    "/etc/services",
                    "/etc/localtime",
                    "/etc/timezone",
                    "/usr/share/zoneinfo",
                    "/proc",
                    "/sys/devices/system",
                    "/sys/fs/cgroup",
                    "/sys/kernel/mm",
                    "/dev/urandom",
                    "/dev/random");

    /// The kernel starts programs by way of these.
    private static final List<String> LOADERS =
            List.of(
                    "/lib64/ld-linux-x86-64.so.2",
                    "/lib/ld-linux-aarch64.so.1",
                    "/lib/ld-musl-x86_64.so.1",
                    "/lib/ld-musl-aarch64.so.1");

    /// Which Linux distributions have elsewhere, behind symbolic links.
    private static final List<String> OF_JAVA_HOME =
            List.of(
                    "",
                    "conf",
                    "lib/security",
                    "lib/security/cacerts",
                    "lib/security/blocked.certs");

    private static final String CACHE = "-XX:AOTCache=";

    private JavaFiles() {}

    /// Rules for them.
    ///
    /// @param program the java command
    /// @param arguments the arguments of the JVM
    static List<FileRule> rules(Path program, List<String> arguments) throws IOException {
        List<FileRule> rules = new ArrayList<>();
        READ.forEach(path -> add(rules, Path.of(path), Access.READ));
        add(rules, Path.of("/dev/null"), Access.WRITE);
        LOADERS.forEach(path -> add(rules, Path.of(path), Access.EXECUTE));
        add(rules, program, Access.EXECUTE);
        Path home = Path.of(System.getProperty("java.home"));
        for (String part : OF_JAVA_HOME) {
            Path path = home.resolve(part);
            if (Files.exists(path)) {
                add(rules, path.toRealPath(), Access.READ);
            }
        }
        for (String name : List.of("jdk.module.path", "java.class.path", "java.library.path")) {
            for (String path : System.getProperty(name, "").split(File.pathSeparator, -1)) {
                if (!path.isEmpty()) {
                    add(rules, Path.of(path).toAbsolutePath(), Access.READ);
                }
            }
        }
        for (String argument : arguments) {
            if (argument.startsWith(CACHE)) {
                add(rules, Path.of(argument.substring(CACHE.length())), Access.READ);
            }
        }
        return rules;
    }

    private static void add(List<FileRule> rules, Path path, Access access) {
        if (Files.exists(path)) {
            rules.add(new FileRule(path, access));
        }
    }
}
