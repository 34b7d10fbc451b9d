package io.vfiouser.it.storage;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.concurrent.TimeUnit;

/// Certificates that sign themselves, made by the JDK's keytool and laid down as NBD servers want
/// them: `ca-cert.pem` and `server-cert.pem` with `server-key.pem` for `localhost`, and the same
/// pair again as `client-cert.pem` with `client-key.pem`.
final class TestCertificates {
    private static final char[] PASSWORD = "secret".toCharArray();
    private static final String NAME = "one";

    private TestCertificates() {}

    /// Makes them in a directory, which is made.
    static Path in(Path directory)
            throws IOException, InterruptedException, GeneralSecurityException {
        Files.createDirectories(directory);
        Path store = directory.resolve("store.p12");
        Process keytool =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "keytool")
                                        .toString(),
                                "-genkeypair",
                                "-alias",
                                NAME,
                                "-keyalg",
                                "RSA",
                                "-keysize",
                                "2048",
                                "-dname",
                                "CN=localhost",
                                "-ext",
                                "SAN=dns:localhost,ip:127.0.0.1",
                                "-ext",
                                "bc=ca:true",
                                "-storetype",
                                "PKCS12",
                                "-keystore",
                                store.toString(),
                                "-storepass",
                                new String(PASSWORD))
                        .redirectErrorStream(true)
                        .redirectOutput(directory.resolve("keytool.log").toFile())
                        .start();
        if (!keytool.waitFor(60, TimeUnit.SECONDS) || keytool.exitValue() != 0) {
            throw new AssertionError(
                    "keytool: " + Files.readString(directory.resolve("keytool.log")));
        }
        var keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD);
        }
        String certificate = pem("CERTIFICATE", keys.getCertificate(NAME).getEncoded());
        String key = pem("PRIVATE KEY", keys.getKey(NAME, PASSWORD).getEncoded());
        Files.writeString(directory.resolve("ca-cert.pem"), certificate);
        for (String side : new String[] {"server", "client"}) {
            Files.writeString(directory.resolve(side + "-cert.pem"), certificate);
            Files.writeString(directory.resolve(side + "-key.pem"), key);
        }
        return directory;
    }

    private static String pem(String what, byte[] der) {
        byte[] newline = {'\n'};
        String text =
                new String(
                        Base64.getMimeEncoder(64, newline).encode(der), StandardCharsets.US_ASCII);
        return "-----BEGIN %s-----%n%s%n-----END %s-----%n".formatted(what, text, what);
    }
}
