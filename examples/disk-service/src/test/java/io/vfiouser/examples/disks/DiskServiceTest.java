package io.vfiouser.examples.disks;

import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.nvme.CompletionMode;
import io.vfiouser.nvme.NvmeInitiator;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DiskServiceTest {
    private final DiskService service;
    private final Path directory;
    private final HttpClient http = HttpClient.newHttpClient();

    DiskServiceTest(@TempDir Path directory) {
        this.directory = directory;
        this.service =
                DiskService.start(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), directory);
    }

    @BeforeEach
    void startsEmpty() throws Exception {
        assertThat(call("GET", "/disks", "").body()).isEqualTo("[]");
    }

    @AfterEach
    void close() {
        service.close();
        http.close();
        assertThat(directory).isEmptyDirectory();
    }

    private URI uri(String path) {
        return URI.create("http://127.0.0.1:" + service.address().getPort() + path);
    }

    private HttpResponse<String> call(String method, String path, String body)
            throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(uri(path))
                        .method(method, BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
    }

    @Test
    void aDiskComesAndGoesByRest() throws Exception {
        var made = call("POST", "/disks", "{\"name\":\"data\",\"sizeMib\":16}");
        assertThat(made.statusCode()).isEqualTo(201);
        Path socket = directory.resolve("data.sock");
        assertThat(made.body())
                .isEqualTo(
                        "{\"name\":\"data\",\"sizeMib\":16,\"socket\":\"%s\"}".formatted(socket));
        assertThat(call("GET", "/disks/data", "").body()).isEqualTo(made.body());

        try (var nvme = NvmeInitiator.connect(socket);
                var queue = nvme.openQueue(CompletionMode.POLLED);
                var buffer = nvme.allocate(4096)) {
            var disk = nvme.namespace(1);
            buffer.segment().set(ValueLayout.JAVA_LONG, 0, 0x1234_5678_9abc_def0L);
            queue.write(disk, 8, 1, buffer, 0);
            buffer.segment().fill((byte) 0);
            queue.read(disk, 8, 1, buffer, 0);
            assertThat(buffer.segment().get(ValueLayout.JAVA_LONG, 0))
                    .isEqualTo(0x1234_5678_9abc_def0L);
        }

        assertThat(call("DELETE", "/disks/data", "").statusCode()).isEqualTo(204);
        assertThat(socket).doesNotExist();
        assertThat(call("GET", "/disks", "").body()).isEqualTo("[]");
    }

    @Test
    void disksAreApart() throws Exception {
        for (String name : new String[] {"one", "two"}) {
            assertThat(
                            call(
                                            "POST",
                                            "/disks",
                                            "{\"name\":\"%s\",\"sizeMib\":1}".formatted(name))
                                    .statusCode())
                    .isEqualTo(201);
        }
        assertThat(call("DELETE", "/disks/one", "").statusCode()).isEqualTo(204);
        try (var nvme = NvmeInitiator.connect(directory.resolve("two.sock"))) {
            assertThat(nvme.controller().serial()).isEqualTo("two");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "POST | /disks | {\"name\":\"../x\",\"sizeMib\":1} | 400 | name: ../x (expected: ",
                "POST | /disks | {\"name\":\"x\",\"sizeMib\":0} | 400 | sizeMib: 0 (expected: ",
                "POST | /disks | {\"sizeMib\":1} | 400 | name: none (expected: ",
                "POST | /disks | [ | 400 | message",
                "GET | /disks/x | '' | 404 | name: x (expected: ",
                "DELETE | /disks/x | '' | 404 | name: x (expected: ",
                "PUT | /disks | '' | 404 | PUT /disks (expected: "
            })
    void saysWhatIsWrong(String method, String path, String body, int status, String message)
            throws Exception {
        var answer = call(method, path, body);
        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(answer.body()).contains(message);
    }

    @Test
    void aDiskThatCannotBeMadeLeavesItsNameFree() throws Exception {
        int made = 0;
        String name = "d0";
        while (post(name) == 201 && made < 256) { // of 128 TiB of addresses, 1 TiB each
            made++;
            name = "d" + made;
        }
        assertThat(made).isBetween(1, 255);
        assertThat(call("GET", "/disks/" + name, "").statusCode()).isEqualTo(404);
        assertThat(call("DELETE", "/disks/" + name, "").statusCode()).isEqualTo(404);
    }

    private int post(String name) throws Exception {
        return call("POST", "/disks", "{\"name\":\"%s\",\"sizeMib\":1048576}".formatted(name))
                .statusCode();
    }

    @Test
    void pagesOfTheWebMayNotCall() throws Exception {
        var request =
                HttpRequest.newBuilder(uri("/disks"))
                        .header("Origin", "https://example.org")
                        .POST(BodyPublishers.ofString("{\"name\":\"a\",\"sizeMib\":1}"))
                        .build();
        var answer = http.send(request, BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(403);
        assertThat(answer.body()).contains("Origin: https://example.org (expected: a program");
        assertThat(call("GET", "/disks", "").body()).isEqualTo("[]");
    }

    @Test
    void aNameIsTakenOnce() throws Exception {
        String body = "{\"name\":\"x\",\"sizeMib\":1}";
        assertThat(call("POST", "/disks", body).statusCode()).isEqualTo(201);
        assertThat(call("POST", "/disks", body).statusCode()).isEqualTo(400);
    }
}
