package io.vfiouser.cli;

import io.vfiouser.cli.failure.UsageException;
import io.vfiouser.cli.text.Durations;
import io.vfiouser.cli.text.Quoted;
import io.vfiouser.transport.BusyPoll;
import java.time.Duration;
import java.util.Map;
import java.util.Stack;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IParameterPreprocessor;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/// How long event loops keep asking before they sleep.
final class BusyPollOption {
    private static final String ALWAYS = "always";
    private static final Duration MAX_TIME = Duration.ofSeconds(1);

    @Option(
            names = "--busy-poll",
            arity = "0..1",
            fallbackValue = ALWAYS,
            preprocessor = AttachedOnly.class,
            paramLabel = "TIME",
            description =
                    "Keep asking for TIME after the last work before sleeping, as in 50us: no"
                            + " wake-ups while clients are at work, no CPU when they are idle."
                            + " Without TIME, or with 'always': never sleep, a whole CPU for each"
                            + " event loop.")
    private @Nullable String time;

    /// @throws UsageException if it is no time
    BusyPoll value() {
        String text = time;
        if (text == null || text.equals("never")) {
            return BusyPoll.NEVER;
        }
        if (text.equals(ALWAYS)) {
            return BusyPoll.ALWAYS;
        }
        return Durations.parse(text)
                .filter(parsed -> parsed.compareTo(MAX_TIME) <= 0)
                .map(BusyPoll::lasting)
                .orElseThrow(() ->
                        new UsageException(
                                "--busy-poll: "
                                        + Quoted.of(text)
                                        + " (expected: a time up to 1s, as in 50us, always or"
                                        + " never)"));
    }

    /// Takes a value only behind `=`: what follows `--busy-poll` at a blank is the device type.
    static final class AttachedOnly implements IParameterPreprocessor {
        @Override
        public boolean preprocess(
                Stack<String> arguments,
                CommandSpec command,
                ArgSpec option,
                Map<String, Object> info) {
            if (info.get("separator") instanceof String separator && !separator.isBlank()) {
                return false;
            }
            option.setValue(ALWAYS);
            return true;
        }
    }
}
