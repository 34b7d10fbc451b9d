package io.vfiouser.testkit.hammer;

import java.util.List;

/// A server did what it must not do under the hammer: no answer, or no connection any more.
///
/// The message names the seed and the step, so that it can be done again, and has the last blows.
public final class HammerException extends RuntimeException {
    private static final long serialVersionUID = 1;

    HammerException(long seed, long step, String what, List<String> last, Throwable cause) {
        super(
                "step %d of seed 0x%x: %s; the last blows:%n    %s"
                        .formatted(
                                step,
                                seed,
                                what,
                                String.join(System.lineSeparator() + "    ", last)),
                cause);
    }
}
