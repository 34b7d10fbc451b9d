package io.vfiouser.testkit.conformance;

import io.vfiouser.testkit.conformance.ConformanceResult.Differs;
import io.vfiouser.testkit.conformance.ConformanceResult.NotApplicable;
import io.vfiouser.testkit.conformance.ConformanceResult.Passed;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// What all checks found, in their order.
///
/// @param server where it listens
/// @param device what it serves, in words
/// @param seed where the random sequences started
/// @param duration how long the checks took
/// @param results what each check found
public record ConformanceReport(
        String server,
        String device,
        long seed,
        Duration duration,
        List<Map.Entry<ConformanceCheck, ConformanceResult>> results) {
    private static final int MILLIS_PER_SECOND = 1000;

    /// Copies the results.
    public ConformanceReport {
        results = List.copyOf(results);
        Objects.requireNonNull(server, "server");
        Objects.requireNonNull(device, "device");
    }

    /// How many checks passed.
    public long passed() {
        return count(Passed.class);
    }

    /// How many found something else.
    public long differing() {
        return count(Differs.class);
    }

    /// How many could not be made.
    public long notApplicable() {
        return count(NotApplicable.class);
    }

    /// The report as lines of text: each group with what differs in it, and the sums.
    public String text() {
        return text(false);
    }

    /// The report as lines of text.
    ///
    /// @param all whether checks that passed or did not apply are listed too, with what the C
    ///   library does where that is something else
    public String text(boolean all) {
        var out = new StringBuilder();
        out.append(server).append(": ").append(device).append('\n');
        String group = "";
        for (var entry : results) {
            if (!entry.getKey().group().equals(group)) {
                group = entry.getKey().group();
                appendGroup(out, group, entry.getKey().section());
            }
            append(out, entry.getKey(), entry.getValue(), all);
        }
        out.append(
                "%n%d passed, %d differ, %d not applicable; %d.%03d s, seed 0x%x%n"
                        .formatted(
                                passed(),
                                differing(),
                                notApplicable(),
                                duration.toSeconds(),
                                duration.toMillis() % MILLIS_PER_SECOND,
                                seed));
        return out.toString();
    }

    private void appendGroup(StringBuilder out, String group, String section) {
        List<ConformanceResult> ofGroup =
                results.stream()
                        .filter(entry -> entry.getKey().group().equals(group))
                        .map(Map.Entry::getValue)
                        .toList();
        long differing = ofGroup.stream().filter(Differs.class::isInstance).count();
        long skipped = ofGroup.stream().filter(NotApplicable.class::isInstance).count();
        out.append(
                "%n%-26s %3d passed%s%s  (\"%s\")%n"
                        .formatted(
                                group,
                                ofGroup.size() - differing - skipped,
                                differing == 0 ? "" : ", " + differing + " differ",
                                skipped == 0 ? "" : ", " + skipped + " not applicable",
                                section));
    }

    private static void append(
            StringBuilder out, ConformanceCheck check, ConformanceResult result, boolean all) {
        switch (result) {
            case Passed _ -> {
                if (all) {
                    out.append("  passed   ").append(check.name()).append(": ");
                    out.append(check.specification());
                    check.reference()
                            .ifPresent(
                                    text -> out.append(" (C library: ").append(text).append(')'));
                    out.append('\n');
                }
            }
            case NotApplicable(String reason) -> {
                if (all) {
                    out.append("  skipped  ").append(check.name()).append(": ").append(reason);
                    out.append('\n');
                }
            }
            case Differs(String expected, String seen, boolean asReference) -> {
                out.append("  DIFFERS  ").append(check.name()).append('\n');
                line(out, "specification", check.specification());
                line(out, "expected", expected);
                line(out, "seen", seen + (asReference ? " (as the C library does)" : ""));
                check.reference().ifPresent(text -> line(out, "C library", text));
            }
        }
    }

    private static void line(StringBuilder out, String what, String text) {
        out.append("             %-14s %s%n".formatted(what, text));
    }

    private long count(Class<? extends ConformanceResult> kind) {
        return results.stream().map(Map.Entry::getValue).filter(kind::isInstance).count();
    }
}
