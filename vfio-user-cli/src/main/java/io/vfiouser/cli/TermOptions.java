package io.vfiouser.cli;

import io.vfiouser.cli.failure.UsageException;
import io.vfiouser.cli.plan.ServiceTerms;
import io.vfiouser.cli.text.Quoted;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The options of `serve` that say how devices are served. With a config file they are what devices
/// have that say nothing else.
final class TermOptions {
    private static final String OPTION = "--";

    @Option(
            names = "--socket-mode",
            paramLabel = "MODE",
            description = "Who may connect, as in 0660; the umask's choice unless given.")
    private @Nullable String mode;

    @Option(
            names = "--socket-owner",
            paramLabel = "USER",
            description = "Whom the socket belongs to, by name or number; only root can say that.")
    private @Nullable String owner;

    @Option(
            names = "--socket-group",
            paramLabel = "GROUP",
            description = "The group of the socket, by name or number.")
    private @Nullable String group;

    @Option(
            names = "--allow-uid",
            paramLabel = "UID",
            description =
                    "Disconnect clients at once that are not of this user; repeatable, and with"
                            + " --allow-gid one of either is enough.")
    private List<String> uids = new ArrayList<>();

    @Option(
            names = "--allow-gid",
            paramLabel = "GID",
            description = "The same by the client's effective group; repeatable.")
    private List<String> gids = new ArrayList<>();

    @Option(
            names = "--second-client",
            paramLabel = "wait|refuse",
            description = "What becomes of a client while another one is there; it waits.")
    private @Nullable String secondClient;

    @Option(
            names = "--pad-errors",
            description =
                    "Give error replies the size of good ones; Cloud Hypervisor hangs on those"
                            + " of the specification.")
    private boolean padErrors;

    @Option(
            names = "--bus-master-required",
            description =
                    "Refuse devices the client's memory while the command register's bus master"
                            + " bit is off, as on a real bus.")
    private boolean busMasterRequired;

    @Option(
            names = "--give-up",
            paramLabel = "never|error|exception",
            description =
                    "Give a device up, as if its card were pulled out, when its code throws an"
                            + " Error, or anything but an answer; never, unless this is given.")
    private @Nullable String giveUp;

    @Option(
            names = "--state",
            paramLabel = "DIR",
            description =
                    "Keep the devices' states in this directory from a planned stop to the next"
                            + " start, which goes on with them.")
    private @Nullable String state;

    @Option(
            names = "--limit",
            paramLabel = "NAME=VALUE",
            description =
                    "What a client may use, as in maxDmaRegions=256 or negotiationTimeout=2s;"
                            + " repeatable. docs/limits.md lists the limits.")
    private List<String> limits = new ArrayList<>();

    /// What the options say.
    ///
    /// @throws UsageException for a value that does not fit
    ServiceTerms terms() {
        ServiceTerms terms = ServiceTerms.DEFAULT;
        terms = with(terms, "socket-mode", mode);
        terms = with(terms, "socket-owner", owner);
        terms = with(terms, "socket-group", group);
        terms = with(terms, "second-client", secondClient);
        terms = with(terms, "pad-errors", padErrors ? "true" : null);
        terms = with(terms, "bus-master-required", busMasterRequired ? "true" : null);
        terms = with(terms, "give-up", giveUp);
        terms = with(terms, "state", state);
        for (String uid : uids) {
            terms = with(terms, "allow-uid", uid);
        }
        for (String gid : gids) {
            terms = with(terms, "allow-gid", gid);
        }
        for (String limit : limits) {
            terms = withLimit(terms, limit);
        }
        return terms;
    }

    private static ServiceTerms with(ServiceTerms terms, String key, @Nullable String value) {
        return value == null ? terms : terms.with(OPTION, key, value);
    }

    private static ServiceTerms withLimit(ServiceTerms terms, String text) {
        int equals = text.indexOf('=');
        if (equals < 1) {
            throw new UsageException(
                    "--limit: %s (expected: NAME=VALUE)".formatted(Quoted.of(text)));
        }
        return terms.withLimit("--limit: ", text.substring(0, equals), text.substring(equals + 1));
    }
}
