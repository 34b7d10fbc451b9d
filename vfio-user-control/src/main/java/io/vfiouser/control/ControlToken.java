package io.vfiouser.control;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Set;

/// What those who may use a control server know. Its text is never part of [#toString()].
public final class ControlToken {
    private static final int BYTES = 32;
    private static final int MIN_LENGTH = 16;
    private static final Set<PosixFilePermission> OTHERS =
            PosixFilePermissions.fromString("---rwxrwx");

    private final byte[] text;

    private ControlToken(String text) {
        if (text.length() < MIN_LENGTH || !text.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
            throw new IllegalArgumentException(
                    "token: "
                            + text.length()
                            + " characters (expected: at least "
                            + MIN_LENGTH
                            + " visible ASCII ones)");
        }
        this.text = text.getBytes(StandardCharsets.US_ASCII);
    }

    /// A token that is known.
    ///
    /// @param text at least 16 visible ASCII characters
    public static ControlToken of(String text) {
        return new ControlToken(text);
    }

    /// A new token, of 256 random bits.
    public static ControlToken random() {
        var bytes = new byte[BYTES];
        new SecureRandom().nextBytes(bytes);
        return new ControlToken(HexFormat.of().formatHex(bytes));
    }

    /// The token in a file, which is made, for its owner alone, if it is missing.
    ///
    /// @throws IllegalArgumentException if others than the owner may use the file, or its first
    ///   line is no token
    public static ControlToken inFile(Path file) throws IOException {
        try {
            ControlToken made = random();
            Files.createFile(
                    file,
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rw-------")));
            Files.write(
                    file,
                    (made.text() + "\n").getBytes(StandardCharsets.US_ASCII),
                    StandardOpenOption.WRITE);
            return made;
        } catch (FileAlreadyExistsException e) {
            return read(file);
        }
    }

    /// The token in a file that is there.
    ///
    /// @throws IllegalArgumentException as [#inFile]
    public static ControlToken read(Path file) throws IOException {
        Set<PosixFilePermission> permissions =
                Files.getPosixFilePermissions(file, LinkOption.NOFOLLOW_LINKS);
        if (permissions.stream().anyMatch(OTHERS::contains)) {
            throw new IllegalArgumentException(
                    file
                            + ": mode "
                            + PosixFilePermissions.toString(permissions)
                            + " (expected: rw-------, as it has a token)");
        }
        return new ControlToken(Files.readString(file, StandardCharsets.US_ASCII).strip());
    }

    /// The token itself.
    public String text() {
        return new String(text, StandardCharsets.US_ASCII);
    }

    /// Whether somebody knows it; takes as long for a wrong one as for a right one.
    boolean matches(String other) {
        return MessageDigest.isEqual(text, other.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public String toString() {
        return "token";
    }
}
