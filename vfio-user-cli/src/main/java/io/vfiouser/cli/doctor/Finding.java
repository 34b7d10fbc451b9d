package io.vfiouser.cli.doctor;

import java.util.Locale;

/// One thing that was looked at.
///
/// @param verdict how it is
/// @param subject what was looked at, such as `open files`
/// @param seen what was found
/// @param advice what to do; empty if nothing need be done
public record Finding(Verdict verdict, String subject, String seen, String advice) {
    /// How a thing is.
    public enum Verdict {
        /// As it should be.
        OK,
        /// Works, with less than is possible.
        WARN,
        /// Devices cannot be served.
        FAIL;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    static Finding ok(String subject, String seen) {
        return new Finding(Verdict.OK, subject, seen, "");
    }

    static Finding warn(String subject, String seen, String advice) {
        return new Finding(Verdict.WARN, subject, seen, advice);
    }

    static Finding fail(String subject, String seen, String advice) {
        return new Finding(Verdict.FAIL, subject, seen, advice);
    }
}
