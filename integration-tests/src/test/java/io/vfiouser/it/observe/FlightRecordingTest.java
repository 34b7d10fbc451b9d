package io.vfiouser.it.observe;

import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.client.VfioUserClient;
import io.vfiouser.it.support.GatedDevice;
import io.vfiouser.it.support.TestServer;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// What a flight recording has of commands and sessions, if it asks for them.
@ExtendWith(NoDescriptorLeaks.class)
class FlightRecordingTest {
    private static final String COMMAND = "io.vfiouser.Command";
    private static final String SESSION = "io.vfiouser.Session";

    @Test
    void hasEachCommandOverTheThresholdAndEachSession(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("recording.jfr");
        try (var recording = new Recording()) {
            recording.enable(COMMAND).withThreshold(Duration.ZERO);
            recording.enable(SESSION);
            recording.start();
            try (var server = TestServer.start()) {
                Path socket = server.serve("gated", new GatedDevice());
                var gone = server.server().device("gated").orElseThrow().clientGone();
                try (var client = VfioUserClient.connect(socket)) {
                    for (int i = 0; i < 200; i++) {
                        client.read(GatedDevice.BAR, GatedDevice.TAKEN, 4);
                    }
                }
                // or the server may be the first to end the session
                gone.toCompletableFuture().get(10, TimeUnit.SECONDS);
            }
            recording.stop();
            recording.dump(file);
        }
        List<RecordedEvent> events = RecordingFile.readAllEvents(file);
        assertThat(events)
                .filteredOn(event -> event.getEventType().getName().equals(COMMAND))
                .filteredOn(event -> event.getString("command").equals("REGION_READ"))
                .hasSizeGreaterThanOrEqualTo(200)
                .allSatisfy(event -> {
                    assertThat(event.getString("device")).isEqualTo("gated");
                    assertThat(event.getLong("session")).isEqualTo(1);
                });
        assertThat(events)
                .filteredOn(event -> event.getEventType().getName().equals(SESSION))
                .singleElement()
                .satisfies(event ->
                        assertThat(event.getString("reason"))
                                .isEqualTo("the client closed the connection"));
        assertThat(Files.size(file)).isPositive();
    }
}
