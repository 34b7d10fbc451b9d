package io.vfiouser.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// [NbdUri], [NbdSettings] and [Coverage].
class NbdUriTest {
    @Test
    void namesAHost() {
        NbdUri uri = NbdUri.parse("nbd://example.org/disk%20one");
        assertThat(uri.host()).isEqualTo("example.org");
        assertThat(uri.port()).isEqualTo(10809);
        assertThat(uri.export()).isEqualTo("disk one");
        assertThat(uri.tls()).isFalse();
        assertThat(NbdUri.parse("nbd://[::1]:99").port()).isEqualTo(99);
        assertThat(NbdUri.parse("nbd://h//a/b").export()).isEqualTo("/a/b");
    }

    @Test
    void namesASocket() {
        NbdUri uri = NbdUri.parse("nbds+unix:///?socket=/run/a%20b+c&tls-hostname=me");
        assertThat(uri.socket()).contains(Path.of("/run/a b+c"));
        assertThat(uri.export()).isEmpty();
        assertThat(uri.tls()).isTrue();
        assertThat(uri.verified()).isTrue();
        assertThat(uri.tlsHost()).isEqualTo("me");
    }

    @ParameterizedTest
    @CsvSource({
        "http://h/, http",
        "foo, no scheme",
        "nbd:///x, no host",
        "nbd://h/?socket=/s, a host and a socket",
        "nbd+unix:///x, no socket",
        "nbd+unix://h/x?socket=/s, a host and a socket",
        "nbd://h/?depth=3, query: depth=3",
        "nbd://h:0/x, port: 0",
        "nbd://h:65536/x, port: 65536",
    })
    void saysWhatIsWrong(String text, String why) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NbdUri.parse(text))
                .withMessageStartingWith("uri: " + text + ": " + why + " (expected: nbd://HOST");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void coverageAgreesWithABitmap(long seed) {
        var random = new Random(seed);
        for (int round = 0; round < 200; round++) {
            var coverage = new Coverage();
            List<int[]> pieces = pieces(random, 1 + random.nextInt(64));
            var seen = new boolean[64];
            int length = 0;
            for (int[] piece : pieces) {
                boolean fresh = true;
                for (int i = piece[0]; i < piece[1]; i++) {
                    fresh &= !seen[i];
                }
                assertThat(coverage.add(piece[0], piece[1] - piece[0])).isEqualTo(fresh);
                for (int i = piece[0]; fresh && i < piece[1]; i++) {
                    seen[i] = true;
                }
            }
            while (length < 64 && seen[length]) {
                length++;
            }
            boolean gap = false;
            for (int i = length; i < 64; i++) {
                gap |= seen[i];
            }
            assertThat(coverage.isComplete(length)).isEqualTo(!gap);
        }
    }

    private static List<int[]> pieces(Random random, int count) {
        List<int[]> pieces = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int from = random.nextInt(63);
            pieces.add(new int[] {from, from + 1 + random.nextInt(64 - from - 1)});
        }
        return pieces;
    }
}
