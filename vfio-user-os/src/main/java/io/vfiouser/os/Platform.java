package io.vfiouser.os;

import io.netty.channel.epoll.Epoll;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.Locale;

/// What the machine and the JVM must offer.
public final class Platform {
    private static final String MODULE = "io.vfiouser.os";

    private Platform() {}

    /// Checks that this is 64-bit little-endian Linux, that native access is granted and that
    /// Netty's native epoll library is there.
    ///
    /// @throws IllegalStateException naming the flag to give or the artifact to add
    public static void ensureSupported() {
        checkMachine(
                System.getProperty("os.name", ""),
                System.getProperty("os.arch", ""),
                System.getProperty("sun.arch.data.model", "64"),
                ByteOrder.nativeOrder());
        checkNativeAccess();
        Throwable cause = Epoll.unavailabilityCause();
        if (cause != null) {
            throw new IllegalStateException(missingEpoll(System.getProperty("os.arch", "")), cause);
        }
    }

    /// Links the C library calls that connections and their memory need, each of which takes
    /// milliseconds and is otherwise linked when first made. From any thread; nothing happens the
    /// second time.
    public static void linkAhead() {
        FirstCalls.make();
    }

    static void checkMachine(String os, String arch, String bits, ByteOrder order) {
        if (!os.equals("Linux")) {
            throw new IllegalStateException("os.name: " + os + " (expected: Linux)");
        }
        if (!bits.equals("64") || order != ByteOrder.LITTLE_ENDIAN) {
            throw new IllegalStateException(
                    "os.arch: %s, %s-bit, %s (expected: 64-bit, LITTLE_ENDIAN)"
                            .formatted(arch, bits, order));
        }
    }

    static String missingEpoll(String arch) {
        String classifier =
                switch (arch.toLowerCase(Locale.ROOT)) {
                    case "aarch64" -> "linux-aarch_64";
                    default -> "linux-x86_64";
                };
        return "Netty's native epoll library: not loaded (expected:"
                + " io.netty:netty-transport-native-epoll:"
                + classifier
                + " on the class path or module path)";
    }

    static String missingNativeAccess(boolean named) {
        return "native access: not granted (expected: --enable-native-access="
                + (named ? MODULE : "ALL-UNNAMED")
                + " on the java command line)";
    }

    /// The JVM decides at the first restricted call: by its flags it allows, warns or refuses.
    @SuppressWarnings("restricted") // a restricted call is the question itself
    private static void checkNativeAccess() {
        try {
            MemorySegment nothing = MemorySegment.NULL.reinterpret(0);
            assert nothing.byteSize() == 0;
        } catch (IllegalCallerException e) {
            throw new IllegalStateException(
                    missingNativeAccess(Platform.class.getModule().isNamed()), e);
        }
    }
}
