package io.vfiouser.os;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.netty.channel.unix.FileDescriptor;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Restrictions are a thread's own, so each test has a thread that ends with them.
@ExtendWith(NoDescriptorLeaks.class)
class SandboxTest {
    private static final int CLONE_NEWUSER = 0x10000000;
    private static final int AF_ALG = 38;
    private static final int AF_UNIX = 1;
    private static final int SOCK_STREAM = 1;
    private static final int TIOCSTI = 0x5412;

    @TempDir private Path directory;
    private SandboxSupport support = new SandboxSupport(0, "", false);

    @BeforeEach
    void askTheKernel() {
        support = SandboxSupport.ofKernel();
    }

    private static <T> T inThread(Callable<T> task) throws Exception {
        var future = new FutureTask<>(task);
        Thread.ofPlatform().start(future);
        return future.get(20, TimeUnit.SECONDS);
    }

    /// With the classes, which a thread that is restricted must still load.
    private static Sandbox sandbox(FileRule... files) {
        List<FileRule> all = new ArrayList<>(List.of(files));
        Stream.of(System.getProperty("java.class.path").split(":", -1))
                .map(entry -> Path.of(entry).toAbsolutePath())
                .filter(Files::exists)
                .forEach(path -> all.add(new FileRule(path, FileRule.Access.READ)));
        return new Sandbox(all, Set.of(), Set.of(), Optional.empty());
    }

    /// The bare system calls: of the C library's functions some act on all threads.
    private static int call(SystemCall call, long first, long second) {
        return (int) ProcessCalls.syscall(CallState.current(), call, first, second, 0, 0);
    }

    @Test
    void filesOutsideCannotBeOpenedAndThoseInsideCan() throws Exception {
        assumeThat(support.landlock()).isPositive();
        Path inside = Files.createDirectory(directory.resolve("inside"));
        Path readable = Files.writeString(directory.resolve("readable"), "r");
        Path outside = Files.writeString(directory.resolve("outside"), "o");
        String read =
                inThread(() -> {
                    sandbox(
                                    new FileRule(inside, FileRule.Access.WRITE),
                                    new FileRule(readable, FileRule.Access.READ))
                            .enter(support);
                    Files.writeString(inside.resolve("new"), "n");
                    Files.delete(inside.resolve("new"));
                    assertDenied(() -> Files.readString(outside));
                    assertDenied(() -> Files.writeString(outside, "changed"));
                    assertDenied(() -> Files.writeString(readable, "changed"));
                    assertDenied(() -> Files.createFile(directory.resolve("made")));
                    return Files.readString(readable);
                });
        assertThat(read).isEqualTo("r");
        assertThat(Files.readString(outside)).isEqualTo("o");
    }

    private static void assertDenied(Callable<?> attempt) {
        assertThatExceptionOfType(AccessDeniedException.class).isThrownBy(attempt::call);
    }

    @Test
    void systemCallsThatServersDoNotNeedAreRefused() throws Exception {
        assumeThat(support.seccomp()).isTrue();
        List<Integer> results =
                inThread(() -> {
                    sandbox().enter(new SandboxSupport(0, "", true));
                    return List.of(
                            call(SystemCall.UNSHARE, CLONE_NEWUSER, 0),
                            call(SystemCall.CLONE, CLONE_NEWUSER, 0),
                            call(SystemCall.CLONE3, 0, 0),
                            call(SystemCall.PTRACE, 0, 0),
                            call(SystemCall.SETRESUID, -1, -1),
                            call(SystemCall.SOCKET, AF_ALG, SOCK_STREAM),
                            call(SystemCall.IOCTL, 0, TIOCSTI));
                });
        int refused = -Errno.EPERM.number();
        assertThat(results)
                .containsExactly(
                        refused,
                        refused,
                        -Errno.ENOSYS.number(),
                        refused,
                        refused,
                        -Errno.EAFNOSUPPORT.number(),
                        refused);
    }

    @Test
    void whatServersNeedIsNot() throws Exception {
        assumeThat(support.seccomp()).isTrue();
        int opened =
                inThread(() -> {
                    sandbox().enter(new SandboxSupport(0, "", true));
                    try (SharedMemory memory = SharedMemory.create("inside", 4096);
                            EventFd bell = EventFd.create()) {
                        bell.signal();
                        assertThat(memory.size()).isEqualTo(4096);
                    }
                    Thread child = Thread.ofPlatform().start(() -> {});
                    child.join();
                    return call(SystemCall.SOCKET, AF_UNIX, SOCK_STREAM);
                });
        assertThat(opened).isPositive();
        Descriptors.close(new FileDescriptor(opened));
    }

    @Test
    void aFileThatIsNotThereIsNamed() throws Exception {
        assumeThat(support.landlock()).isPositive();
        Path missing = directory.resolve("missing");
        String message =
                inThread(() -> {
                    try {
                        sandbox(new FileRule(missing, FileRule.Access.READ)).enter(support);
                        return "";
                    } catch (NativeCallException e) {
                        return String.valueOf(e.getMessage());
                    }
                });
        assertThat(message).startsWith("open(path=" + missing + "): ENOENT");
    }

    @Test
    void olderKernelsAreToldWhatToDo() {
        assertThat(SandboxSupport.why(Errno.ENOSYS.number())).contains("Linux 5.13");
        assertThat(SandboxSupport.why(Errno.ENOTSUP.number())).contains("lsm=");
        assertThat(new SandboxSupport(0, "switched off", true).missing())
                .hasValue("Landlock: switched off");
        assertThat(new SandboxSupport(3, "", true).missing().orElseThrow()).contains("Linux 6.7");
        assertThat(new SandboxSupport(4, "", false).missing().orElseThrow())
                .contains("CONFIG_SECCOMP_FILTER");
        assertThat(new SandboxSupport(4, "", true).missing()).isEmpty();
    }

    @Test
    void usersHaveNumbers() {
        assertThat(UserId.named("root")).hasValue(new UserId(0, 0));
        assertThat(UserId.named("no such user")).isEmpty();
    }

    @Test
    void aProcessKnowsWhatItWasStartedAs() throws IOException {
        ProcessImage now = ProcessImage.current();
        assertThat(now.program()).hasFileName("java").isExecutable();
        assertThat(now.arguments()).hasSizeGreaterThan(1);
        assertThat(now.environment())
                .anySatisfy(text -> assertThat(new String(text, UTF_8)).startsWith("PATH="));
    }
}
