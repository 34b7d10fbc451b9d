package io.vfiouser.testkit.process;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/// The lines that a process prints: kept, and passed on as they come, until its stream ends.
public final class LineLog {
    private final List<String> lines = new ArrayList<>();
    private final CompletableFuture<Void> end = new CompletableFuture<>();

    private LineLog() {}

    /// Reads `stream` to its end on a thread of its own; `listener` gets each line on that thread.
    public static LineLog follow(InputStream stream, Consumer<String> listener) {
        return follow(stream, listener, () -> {});
    }

    /// As [#follow(InputStream, Consumer)], with a copy of each line in `file` as soon as it is
    /// read, so that the file shows how far a process came that hangs.
    public static LineLog follow(InputStream stream, Consumer<String> listener, Path file)
            throws IOException {
        BufferedWriter writer = Files.newBufferedWriter(file);
        Consumer<String> copy = line -> append(writer, line);
        return follow(stream, copy.andThen(listener), writer);
    }

    private static LineLog follow(InputStream stream, Consumer<String> listener, Closeable atEnd) {
        var log = new LineLog();
        Thread.ofVirtual().name("line-log").start(() -> log.read(stream, listener, atEnd));
        return log;
    }

    /// All lines so far, without their line ends.
    public synchronized List<String> lines() {
        return List.copyOf(lines);
    }

    /// The last `count` lines so far, each indented, for a failure's message.
    public synchronized String tail(int count) {
        List<String> last = lines.subList(Math.max(0, lines.size() - count), lines.size());
        return "    " + String.join("\n    ", last);
    }

    /// Waits until the stream has ended, so that [#lines()] is complete.
    public void awaitEnd(Duration timeout) throws IOException, InterruptedException {
        try {
            end.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new IOException("output: cannot be read or copied", e.getCause());
        } catch (TimeoutException e) {
            throw new IOException("output: still open after " + timeout, e);
        }
    }

    private void read(InputStream stream, Consumer<String> listener, Closeable atEnd) {
        try (atEnd;
                var reader =
                        new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                synchronized (this) {
                    lines.add(line);
                }
                listener.accept(line);
            }
        } catch (IOException | RuntimeException e) {
            end.completeExceptionally(e);
        }
        end.complete(null);
    }

    private static void append(Writer writer, String line) {
        try {
            writer.write(line);
            writer.write('\n');
            writer.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
