package io.vfiouser.server.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A state is in its file whole, or the file is refused by name.
final class StateDirectoryTest {
    private static final SavedState STATE =
            new SavedState("PCI device 1234:5678", "shape", new byte[] {1, 2}, new byte[] {3});

    @TempDir Path path;

    @Test
    void givesWhatWasWritten() throws IOException {
        StateDirectory directory = StateDirectory.at(path);
        directory.write("a", STATE);
        directory.check("a");
        SavedState read = directory.read("a").orElseThrow();
        assertThat(read).usingRecursiveComparison().isEqualTo(STATE);
        assertThat(path.toFile().list()).containsExactly("a.state");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file("a"))))
                .isEqualTo("rw-------");
        directory.remove("a");
        directory.remove("a");
        assertThat(directory.read("a")).isEmpty();
    }

    @Test
    void whatADeadProcessLeftUnfinishedIsNoState() throws IOException {
        Files.writeString(path.resolve(".a.state"), "half");
        StateDirectory directory = StateDirectory.at(path);
        assertThat(directory.read("a")).isEmpty();
        directory.write("a", STATE);
        assertThat(path.resolve(".a.state")).doesNotExist();
        assertThat(directory.read("a")).isPresent();
    }

    @Test
    void aWriteThatCannotBeLeavesWhatWasThere() throws IOException {
        StateDirectory directory = StateDirectory.at(path);
        directory.write("a", STATE);
        Files.createDirectory(path.resolve(".a.state"));
        Files.createFile(path.resolve(".a.state/full"));
        assertThatExceptionOfType(StateException.class)
                .isThrownBy(() -> directory.write("a", STATE))
                .withMessageContaining("a.state: cannot be written");
        directory.check("a");
    }

    @ParameterizedTest
    @CsvSource({
        "gpio0, gpio0",
        "a.b-c_D9, a.b-c_D9",
        "../x, %2e.%2fx",
        ".hidden, %2ehidden",
        "a b/ü, a%20b%2f%c3%bc",
        "50%, 50%25"
    })
    void escapesNames(String name, String file) {
        assertThat(StateDirectory.at(path).file(name)).isEqualTo(path.resolve(file + ".state"));
    }

    @Test
    void refusesNamesThatAreNoFiles() {
        StateDirectory directory = StateDirectory.at(path);
        assertThatExceptionOfType(StateException.class).isThrownBy(() -> directory.file(""));
        assertThatExceptionOfType(StateException.class)
                .isThrownBy(() -> directory.file("x".repeat(241)))
                .withMessage("name: 241 bytes as the name of a file (expected: 1 to 240)");
    }

    @Test
    void everyCutIsRefused() throws IOException {
        byte[] whole = written();
        for (int size = 0; size < whole.length; size++) {
            Files.write(file("a"), Arrays.copyOf(whole, size));
            refused("bytes (expected:");
        }
        Files.write(file("a"), Arrays.copyOf(whole, whole.length + 1));
        refused("bytes (expected:");
    }

    @Test
    void everyChangedByteIsRefused() throws IOException {
        byte[] whole = written();
        for (int i = 0; i < whole.length; i++) {
            byte[] changed = whole.clone();
            changed[i] ^= 0x10;
            Files.write(file("a"), changed);
            refused("(expected:");
        }
    }

    @Test
    void anotherVersionIsNamed() throws IOException {
        byte[] file = written();
        ByteBuffer.wrap(file).putInt(8, 2);
        Files.write(file("a"), checked(file));
        refused("version: 2 (expected: 1, that of this server)");
    }

    @Test
    void fieldsThatDoNotFillTheFileAreRefused() throws IOException {
        byte[] file = written();
        ByteBuffer.wrap(file).putInt(16, Integer.MAX_VALUE);
        Files.write(file("a"), checked(file));
        refused("(expected:");
        byte[] longer = Arrays.copyOf(written(), file.length + 5);
        ByteBuffer.wrap(longer).putInt(12, longer.length);
        Files.write(file("a"), checked(longer));
        refused("behind the last field");
    }

    @Test
    void aFileThatIsTooLargeIsNotRead() throws IOException {
        try (var file = new RandomAccessFile(file("a").toFile(), "rw")) {
            file.setLength(1L << 40);
        }
        refused("1099511627776 bytes (expected: at most");
    }

    @Test
    void aLinkAndADirectoryAreNotRead() throws IOException {
        Files.createSymbolicLink(file("a"), path.resolve("elsewhere"));
        refused("not a file (expected: one)");
        Files.delete(file("a"));
        Files.createDirectory(file("a"));
        refused("not a file (expected: one)");
    }

    private Path file(String name) {
        return path.resolve(name + ".state");
    }

    private byte[] written() throws IOException {
        StateDirectory.at(path).write("a", STATE);
        return Files.readAllBytes(file("a"));
    }

    private static byte[] checked(byte[] file) {
        var crc = new CRC32C();
        crc.update(file, 0, file.length - 4);
        ByteBuffer.wrap(file).putInt(file.length - 4, (int) crc.getValue());
        return file;
    }

    private void refused(String why) {
        assertThatThrownBy(() -> StateDirectory.at(path).check("a"))
                .isInstanceOf(StateException.class)
                .hasMessageContaining("a.state: ")
                .hasMessageContaining(why)
                .hasMessageEndingWith("; move it away to begin without that state");
    }
}
