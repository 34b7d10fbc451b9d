package io.vfiouser.nbd;

import java.io.FileNotFoundException;
import java.util.regex.Pattern;

/// Why a connection to an NBD server cannot be used: what the server said or did, or did not.
final class NbdFaultException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// What Netty says before the kernel's words.
    private static final Pattern NATIVE_CALL =
            Pattern.compile("^\\w+\\(\\.\\.\\) failed( with error\\(-?\\d+\\))?: ");

    NbdFaultException(String message) {
        super(message);
    }

    /// What went wrong, in words.
    static String reason(Throwable thrown) {
        if (thrown instanceof FileNotFoundException) { // what Netty makes of ENOENT, without words
            return "no such socket";
        }
        String message = thrown.getMessage();
        return message == null
                ? thrown.getClass().getSimpleName()
                : NATIVE_CALL.matcher(message).replaceFirst("");
    }
}
