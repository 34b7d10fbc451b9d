package io.vfiouser.cli.text;

import io.vfiouser.cli.failure.UsageException;
import io.vfiouser.os.CpuAffinity;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// CPUs as `taskset -c` and cgroups write them: `0`, `2-5`, `2-5,8`.
public final class CpuList {
    private static final Pattern PART = Pattern.compile("(\\d{1,4})(?:-(\\d{1,4}))?");

    private CpuList() {}

    /// The CPUs that an option's value names, in its order.
    ///
    /// @throws UsageException if it is no such list
    public static List<Integer> parse(String option, String text) {
        var cpus = new ArrayList<Integer>();
        for (String part : text.split(",", -1)) {
            Matcher matcher = PART.matcher(part);
            int first = matcher.matches() ? Integer.parseInt(matcher.group(1)) : -1;
            int last =
                    first < 0 || matcher.group(2) == null
                            ? first
                            : Integer.parseInt(matcher.group(2));
            if (first < 0 || last < first || last >= CpuAffinity.MAX_CPUS) {
                throw new UsageException(
                        option + ": " + Quoted.of(text) + " (expected: CPUs, as in 2-5,8)");
            }
            for (int cpu = first; cpu <= last; cpu++) {
                cpus.add(cpu);
            }
        }
        return cpus;
    }
}
