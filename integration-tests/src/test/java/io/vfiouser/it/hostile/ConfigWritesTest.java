package io.vfiouser.it.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.vfiouser.client.RemoteErrorException;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Config writes that are shorter or longer than what they hit.
@ExtendWith(NoDescriptorLeaks.class)
class ConfigWritesTest {
    private static final int CONFIG = 7;
    private static final int COMMAND = 0x4;
    private static final int BAR0 = 0x10;
    private static final int CAPABILITIES = 0x34;
    private static final int MSIX = 0x11;

    private final CrowdedLoop loop = CrowdedLoop.start();

    @AfterEach
    void close() {
        loop.close();
    }

    @Test
    void oneByteOfARegisterChangesThatByteOnly() throws Exception {
        loop.during(() -> {
            try (var client = loop.client()) {
                client.write(CONFIG, BAR0, 4, 0xfedc_b000L);
                client.write(CONFIG, BAR0 + 3, 1, 0x12);
                assertThat(client.read(CONFIG, BAR0, 4)).isEqualTo(0x12dc_b000L);
                client.write(CONFIG, COMMAND + 1, 1, 0x4);
                client.write(CONFIG, COMMAND, 1, 0x6);
                assertThat(client.read(CONFIG, COMMAND, 2)).isEqualTo(0x406);
            }
        });
    }

    @Test
    void twelveBytesAtACapabilityWriteThatOneAndTheNext() throws Exception {
        loop.during(() -> {
            try (var client = loop.client()) {
                int msix = (int) client.read(CONFIG, CAPABILITIES, 1);
                while (client.read(CONFIG, msix, 1) != MSIX) {
                    msix = (int) client.read(CONFIG, msix + 1, 1);
                }
                byte[] before = client.readBytes(CONFIG, 0, 0x1000);
                byte[] ones = new byte[12];
                Arrays.fill(ones, (byte) 0xff);
                client.writeBytes(CONFIG, msix, ones);
                byte[] after = client.readBytes(CONFIG, 0, 0x1000);
                // Enable and function mask; all the rest is read-only.
                assertThat(after[msix + 3] & 0xff).isEqualTo((before[msix + 3] & 0xff) | 0xc0);
                after[msix + 3] = before[msix + 3];
                assertThat(after).isEqualTo(before);
            }
        });
    }

    @Test
    void writesOfEverySizeAnywhereLeaveTheSessionInStep() throws Exception {
        var random = new Random(0xc0f);
        loop.during(() -> {
            try (var client = loop.client()) {
                for (int i = 0; i < 2000; i++) {
                    byte[] data = new byte[1 + random.nextInt(i % 10 == 0 ? 5000 : 16)];
                    random.nextBytes(data);
                    int offset = random.nextInt(0x1010);
                    boolean inside = offset + data.length <= 0x1000;
                    assertThatCode(() -> client.writeBytes(CONFIG, offset, data))
                            .satisfies(thrown ->
                                    assertThat(thrown instanceof RemoteErrorException)
                                            .as("%d bytes at 0x%x", data.length, offset)
                                            .isEqualTo(!inside));
                }
                assertThat(client.read(CONFIG, 0, 4)).isEqualTo(0x10f0_1af4L);
            }
        });
    }
}
