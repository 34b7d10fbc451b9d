package io.vfiouser.it.guest;

import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.testkit.guest.GuestResult;
import io.vfiouser.testkit.guest.GuestVm;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// The server is replaced three times, each time by a new process, while a guest writes to an NVMe
/// disk of its and verifies what it has written.
@Tag("guest")
@ExtendWith(NoDescriptorLeaks.class)
final class HandoverGuestTest {
    private static final int REPLACEMENTS = 3;
    private static final Duration START = Duration.ofMinutes(2);

    @TempDir private Path directory;

    @Test
    @Timeout(10 * 60)
    void fioVerifiesOverThreeServers() throws Exception {
        Path socket = directory.resolve("nvme.sock");
        BlockingQueue<String> requests = new LinkedBlockingQueue<>();
        Deque<ServedProcess> servers = new ArrayDeque<>();
        List<String> takeovers = new ArrayList<>();
        GuestResult guest;
        servers.add(ServedProcess.start(first(socket), START));
        try {
            var booted =
                    CompletableFuture.supplyAsync(
                            // Not in the common pool: the ends of processes are told there.
                            () -> boot(socket, requests), task -> Thread.ofPlatform().start(task));
            for (int i = 0; i < REPLACEMENTS; i++) {
                assertThat(requests.poll(4, TimeUnit.MINUTES)).startsWith("HANDOVER ");
                servers.add(ServedProcess.start(next(), START));
                takeovers.addAll(servers.getLast().outputLines());
                servers.getFirst().awaitEnd();
                servers.removeFirst().close(); // with 0
            }
            guest = booted.get();
        } finally {
            servers.forEach(ServedProcess::close);
        }
        guest.requireSuccess();
        assertThat(guest.lines("PASS fio over three servers")).hasSize(1);
        assertThat(guest.lines("FAIL")).isEmpty();
        assertThat(takeovers.stream().filter(line -> line.startsWith("took over 1 devices, 1 cl")))
                .hasSize(REPLACEMENTS);
        takeovers.forEach(System.out::println);
        guest.lines("LATENCY").forEach(System.out::println);
    }

    private static GuestResult boot(Path socket, BlockingQueue<String> requests) {
        try {
            return GuestVm.named("nvme-handover", ProjectPaths.RIG, ProjectPaths.GUEST_LOGS)
                    .modules("nvme")
                    .tools("fio")
                    .device(socket)
                    .console(line -> {
                        if (line.startsWith("HANDOVER ")) {
                            requests.add(line);
                        }
                    })
                    .timeout(Duration.ofMinutes(5))
                    .script(ProjectPaths.guestScript("nvme-handover.sh"))
                    .boot();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private List<String> first(Path socket) {
        return List.of(
                ProjectPaths.LAUNCHER,
                "serve",
                "nvme",
                "--socket",
                socket.toString(),
                "--set",
                "size=96M",
                "--set",
                "shared=true",
                "--handover",
                handover());
    }

    private List<String> next() {
        return List.of(ProjectPaths.LAUNCHER, "serve", "--takeover", handover());
    }

    private String handover() {
        return directory.resolve("handover.sock").toString();
    }
}
