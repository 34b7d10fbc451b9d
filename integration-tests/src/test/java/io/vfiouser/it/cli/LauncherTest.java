package io.vfiouser.it.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `./vfio-user` in a small checkout of its own, with a JDK that prints how it is called and a
/// Maven that counts its calls.
@Timeout(180)
final class LauncherTest {
    private static final Path CHECKOUT = CommandRun.LAUNCHER.resolveSibling(".");

    @TempDir Path temp;
    private Path root = Path.of("");
    private Path jdk = Path.of("");
    private Path tools = Path.of("");

    @BeforeEach
    void makeCheckout() throws IOException {
        root = Files.createDirectories(temp.resolve("a check out"));
        copy("vfio-user");
        copy("scripts/find-jdk.sh");
        write(root.resolve("pom.xml"), "<project/>");
        write(root.resolve("vfio-user-cli/pom.xml"), "<project/>");
        write(root.resolve("vfio-user-cli/src/main/java/Main.java"), "class Main {}");
        age(root);

        jdk = temp.resolve("j d k");
        script(jdk.resolve("bin/java"), "printf '%s\\n' \"$@\"");
        script(jdk.resolve("bin/javac"), "");
        write(jdk.resolve("release"), "JAVA_VERSION=\"25.0.1\"\n");

        tools = temp.resolve("tools");
        mvn(
                "sleep 0.3; mkdir -p vfio-user-cli/target/app; touch"
                        + " vfio-user-cli/target/app/.complete");
    }

    @Test
    void buildsOnceAndThenJustStarts() throws Exception {
        CommandRun first = run("devices");
        assertThat(first.errors())
                .hasSize(2)
                .satisfies(errors -> {
                    assertThat(errors.getFirst()).startsWith("vfio-user: building (not built yet)");
                    assertThat(errors.getLast()).matches("vfio-user: built in \\d+ s");
                });
        assertThat(first.status()).isZero();
        assertThat(first.output())
                .contains("-m", "io.vfiouser.cli/io.vfiouser.cli.Main")
                .contains(root.resolve("vfio-user-cli/target/app").toString())
                .endsWith("devices");

        CommandRun second = run("devices");
        assertThat(second.errors()).isEmpty();
        assertThat(second.output()).isEqualTo(first.output());
        assertThat(builds()).hasSize(1);
    }

    @Test
    void buildsAgainWhenASourceHasChanged() throws Exception {
        run("devices");
        Path source = root.resolve("vfio-user-cli/src/main/java/Main.java");
        Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(60)));
        assertThat(run("devices").errors().getFirst())
                .startsWith(
                        "vfio-user: building (vfio-user-cli/src/main/java/Main.java has changed)");
        assertThat(builds()).hasSize(2);
    }

    @Test
    void buildsForTheCommandAndNothingElse() throws Exception {
        run("devices");
        assertThat(builds())
                .containsExactly("-q -Dmaven.test.skip=true package -pl vfio-user-cli" + " -am");
    }

    @Test
    void startsAtOnceAfterABuildByMaven() throws Exception {
        Files.createDirectories(root.resolve("vfio-user-cli/target/app"));
        Files.createFile(root.resolve("vfio-user-cli/target/app/.complete"));
        assertThat(run("devices").errors()).isEmpty();
        assertThat(builds()).isEmpty();
    }

    @Test
    void twoStartsAtATimeBuildOnce() throws Exception {
        var one = CommandRun.start(launcher(), temp, environment(), "devices");
        var other = CommandRun.start(launcher(), temp, environment(), "devices");
        CommandRun first = one.await();
        CommandRun second = other.await();
        assertThat(builds()).hasSize(1);
        assertThat(first.status()).isZero();
        assertThat(second.status()).isZero();
        assertThat(first.output()).isEqualTo(second.output());
    }

    @Test
    void worksThroughASymbolicLinkFromAnywhere() throws Exception {
        Path link = Files.createSymbolicLink(temp.resolve("v u"), launcher());
        CommandRun run = CommandRun.of(link, Path.of("/"), environment(), "qemu-args", "a b", "");
        assertThat(run.status()).isZero();
        assertThat(run.output())
                .contains(root.resolve("vfio-user-cli/target/app").toString())
                .endsWith("qemu-args", "a b", "");
    }

    @Test
    void handsOnJvmOptionsAndDeviceTypesOfTheUsersOwn() throws Exception {
        var environment = environment();
        environment.put("VFIO_USER_JAVA_OPTS", "-Xmx1g -Dx=y");
        Path devices = Files.createFile(temp.resolve("devices.jar"));
        environment.put("VFIO_USER_DEVICE_PATH", devices.toString());
        CommandRun run = CommandRun.of(launcher(), temp, environment, "devices");
        assertThat(run.output())
                .containsSubsequence("-Xmx1g", "-Dx=y", "-m")
                .contains(root.resolve("vfio-user-cli/target/app") + ":" + devices);
    }

    @Test
    void saysWhichDeviceTypesOfTheUsersOwnAreNotThere() throws Exception {
        var environment = environment();
        environment.put("VFIO_USER_DEVICE_PATH", "/my/devices.jar");
        CommandRun run = CommandRun.of(launcher(), temp, environment, "devices");
        assertThat(run.status()).isZero(); // with the types that are there
        assertThat(run.errors())
                .contains(
                        "vfio-user: VFIO_USER_DEVICE_PATH: /my/devices.jar: not there (expected: a"
                                + " jar, or a directory with jars in it)");
        Path classes = Files.createDirectory(temp.resolve("classes"));
        environment.put("VFIO_USER_DEVICE_PATH", classes.toString());
        assertThat(CommandRun.of(launcher(), temp, environment, "devices").errors())
                .contains(
                        "vfio-user: VFIO_USER_DEVICE_PATH: %s (expected: a jar, or a directory with"
                                        .formatted(classes)
                                + " jars in it)");
    }

    @Test
    void saysWhatToInstallWithoutAJdk() throws Exception {
        var environment = environment();
        environment.put("VFIO_USER_JAVA", "/nowhere");
        CommandRun run = CommandRun.of(launcher(), temp, environment, "devices");
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.output()).isEmpty();
        assertThat(run.errors())
                .containsExactly(
                        "VFIO_USER_JAVA: /nowhere (expected: the home or the java command of a JDK"
                                + " 25 or later)");
    }

    @Test
    void saysWhatToInstallWithoutMaven() throws Exception {
        Files.delete(tools.resolve("mvn"));
        // Just what the launcher itself needs, so that no other mvn is found.
        for (String tool : List.of("bash", "dirname", "readlink", "find", "flock", "sed", "head")) {
            Path program = Path.of("/usr/bin", tool);
            Path there = Files.exists(program) ? program : Path.of("/bin", tool);
            script(tools.resolve(tool), "exec " + there + " \"$@\"");
        }
        var environment = environment();
        environment.put("PATH", tools.toString());
        CommandRun run = CommandRun.of(launcher(), temp, environment, "devices");
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.errors())
                .containsExactly(
                        "vfio-user: mvn: not found (expected: Maven 3.8 or later, to build; apt-get"
                                + " install maven)");
    }

    @Test
    void saysThatTheBuildDidNotSucceed() throws Exception {
        mvn("printf 'COMPILATION \\033[1mERROR\\033[0m\\n'; exit 3");
        CommandRun run = run("devices");
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.output()).isEmpty();
        assertThat(run.errors())
                .endsWith(
                        "COMPILATION ERROR",
                        "vfio-user: build: mvn ended with status 3 (expected: 0; its messages are"
                                + " above)");
    }

    private CommandRun run(String... arguments) throws IOException, InterruptedException {
        return CommandRun.of(launcher(), temp, environment(), arguments);
    }

    private Path launcher() {
        return root.resolve("vfio-user");
    }

    private Map<String, String> environment() {
        return new HashMap<>(
                Map.of(
                        "VFIO_USER_JAVA",
                        jdk.toString(),
                        "VFIO_USER_JAVA_OPTS",
                        "",
                        "PATH",
                        tools + ":" + System.getenv("PATH")));
    }

    /// The arguments of each call of Maven.
    private List<String> builds() throws IOException {
        Path calls = root.resolve("calls.txt");
        return Files.exists(calls) ? Files.readAllLines(calls) : new ArrayList<>();
    }

    private void mvn(String then) throws IOException {
        script(tools.resolve("mvn"), "echo \"$*\" >> calls.txt\n" + then);
    }

    private void copy(String file) throws IOException {
        Path target = root.resolve(file);
        Files.createDirectories(target.resolveSibling("."));
        Files.copy(CHECKOUT.resolve(file), target);
    }

    private static void write(Path file, String text) throws IOException {
        Files.createDirectories(file.resolveSibling("."));
        Files.writeString(file, text);
    }

    private static void script(Path file, String text) throws IOException {
        write(file, "#!/bin/sh\n" + text + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /// Makes everything old enough that a build is newer.
    private static void age(Path directory) throws IOException {
        try (var files = Files.walk(directory)) {
            for (Path file : files.toList()) {
                Files.setLastModifiedTime(file, FileTime.from(Instant.now().minusSeconds(60)));
            }
        }
    }
}
