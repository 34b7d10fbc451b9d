package io.vfiouser.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/// How much the log on standard error says, the same for all commands.
final class Verbosity {
    private static final String OURS = "io.vfiouser";

    /// Has a level of its own, see [StandardLog].
    private static final String CLIENT = "io.vfiouser.client";

    private boolean[] flags = {};

    @Option(
            names = {"-v", "--verbose"},
            scope = ScopeType.INHERIT,
            description = {
                "Log more to standard error: who comes and goes; twice for every message.",
                "Errors then show where in the code they arose."
            })
    void setFlags(boolean[] flags) {
        this.flags = flags;
        logger(OURS).setLevel(flags.length > 1 ? Level.DEBUG : Level.INFO);
        logger(CLIENT).setLevel(null);
    }

    /// Whether errors should show their stack traces.
    boolean showsTraces() {
        return flags.length > 0;
    }

    private static Logger logger(String name) {
        return (Logger) LoggerFactory.getLogger(name);
    }
}
