package io.vfiouser.nbd;

import java.io.FileNotFoundException;
import java.util.regex.Pattern;

/// Why a connection to an NBD server cannot be used: what the server said or did, or did not.
final class NbdFaultException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private static final int MAX_REASON = 256;

    /// What Netty says before the kernel's words.
    private static final Pattern NATIVE_CALL =
            Pattern.compile("^\\w+\\(\\.\\.\\) failed( with error\\(-?\\d+\\))?: ");

    NbdFaultException(String message) {
        super(message);
    }

    /// What went wrong, in words that fit a line: those of TLS can be of the server's choosing.
    static String reason(Throwable thrown) {
        if (thrown instanceof FileNotFoundException) { // what Netty makes of ENOENT, without words
            return "no such socket";
        }
        String message = thrown.getMessage();
        if (message == null) {
            return thrown.getClass().getSimpleName();
        }
        return line(NATIVE_CALL.matcher(message).replaceFirst(""), MAX_REASON);
    }

    /// The beginning of a text of the server's, made fit for one line.
    static String line(String text, int most) {
        return text.substring(0, Math.min(text.length(), most)).replaceAll("[^ -~]", "?");
    }
}
