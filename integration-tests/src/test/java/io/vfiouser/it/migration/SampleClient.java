package io.vfiouser.it.migration;

import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.client.ClientOptions;
import io.vfiouser.client.VfioUserClient;
import io.vfiouser.client.memory.ClientMemory;
import io.vfiouser.client.memory.DmaCall;
import io.vfiouser.os.EventFd;
import io.vfiouser.os.SharedMemory;
import io.vfiouser.protocol.DmaFlags;
import io.vfiouser.protocol.DmaRead;
import io.vfiouser.protocol.DmaWrite;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A client of the timer device that does as libvfio-user's sample client does: it takes 1024 bytes
/// in a message, shares pages of one file as DMA regions, and answers the device's messages with
/// their contents.
final class SampleClient implements AutoCloseable {
    static final int PAGE = 4096;
    static final int MAX_TRANSFER = 1024;

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final SharedMemory file;
    private final ClientMemory reachable = new ClientMemory();
    private final BlockingQueue<String> messages = new LinkedBlockingQueue<>();
    private final VfioUserClient client;
    private @Nullable EventFd intx;

    private SampleClient(Path socket, SharedMemory file) {
        this.file = file;
        ClientOptions options = ClientOptions.defaults().withDmaResponder(this::answer);
        this.client =
                VfioUserClient.connect(
                        socket,
                        options.withCapabilities(
                                options.capabilities().withMaxDataXferSize(MAX_TRANSFER)));
    }

    /// @param file the client's memory, of which [#map] shares pages; stays the caller's
    static SampleClient connect(Path socket, SharedMemory file) {
        return new SampleClient(socket, file);
    }

    VfioUserClient client() {
        return client;
    }

    /// Makes each page a DMA region, at its offset in the file.
    void map(int firstPage, int pages) {
        for (int page = firstPage; page < firstPage + pages; page++) {
            long offset = (long) page * PAGE;
            reachable.add(offset, file.segment().asSlice(offset, PAGE), DmaFlags.READ_WRITE);
            client.dmaMap(offset, file, offset, PAGE, DmaFlags.READ_WRITE);
        }
    }

    void unmap(int page) {
        client.dmaUnmap((long) page * PAGE, PAGE);
    }

    void armIntx() {
        intx = client.irq(0, 0).arm();
    }

    /// Waits for one firing of the timer, and checks that the messages come in their order, after
    /// the interrupt, and nothing else.
    ///
    /// @param page of the region that they are for
    void expectFiring(int page) throws InterruptedException {
        assertThat(awaitIntx()).as("interrupt").isTrue();
        List<String> expected = new ArrayList<>();
        for (String what : List.of("write", "read")) {
            for (int at = 0; at < PAGE; at += MAX_TRANSFER) {
                expected.add("%s 0x%x+1024, after 1".formatted(what, page * PAGE + at));
            }
        }
        List<String> seen = new ArrayList<>();
        for (int i = 0; i < expected.size(); i++) {
            seen.add(messages.poll(PATIENCE.toMillis(), TimeUnit.MILLISECONDS));
        }
        assertThat(seen).isEqualTo(expected);
        client.info(); // what came before its reply is here by then
        assertThat(messages).isEmpty();
        assertThat(contents(page)).isEqualTo(pattern());
        assertThat(contents(page + 1)).as("written directly").isEqualTo(pattern());
    }

    @Override
    public void close() {
        client.close();
    }

    private boolean awaitIntx() {
        EventFd armed = intx;
        return armed != null && armed.await(PATIENCE);
    }

    private void answer(DmaCall call) {
        EventFd armed = intx;
        boolean after = armed != null && armed.await(Duration.ZERO);
        String what =
                switch (call.request()) {
                    case DmaRead(long address, long count) ->
                            "read 0x%x+%d".formatted(address, count);
                    case DmaWrite write ->
                            "write 0x%x+%d".formatted(write.address(), write.count());
                };
        messages.add(what + ", after " + (after ? 1 : 0));
        reachable.handle(call);
    }

    private byte[] contents(int page) {
        return file.segment().asSlice((long) page * PAGE, PAGE).toArray(ValueLayout.JAVA_BYTE);
    }

    private static byte[] pattern() {
        byte[] pattern = new byte[PAGE];
        for (int i = 0; i < PAGE; i++) {
            pattern[i] = (byte) ('A' + i / 1024);
        }
        return pattern;
    }
}
