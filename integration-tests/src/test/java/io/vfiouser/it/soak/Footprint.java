package io.vfiouser.it.soak;

import io.vfiouser.it.support.OpenDescriptors;
import io.vfiouser.it.support.ProcessMappings;
import java.lang.management.ManagementFactory;
import java.util.Map;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.management.JMException;
import javax.management.ObjectName;

/// What the process holds once it is idle.
///
/// @param descriptors open descriptors of each kind
/// @param mappings mappings of client memory and shared memory
/// @param heap bytes of the heap in use after collections
/// @param nativeMemory bytes that the JVM has committed beside the heap, if it tracks them
///   (`-XX:NativeMemoryTracking=summary`)
record Footprint(
        Map<String, Integer> descriptors, long mappings, long heap, OptionalLong nativeMemory) {
    private static final Pattern TOTAL = Pattern.compile("Total: .*committed=(\\d+)KB");
    private static final Pattern HEAP = Pattern.compile("Java Heap .*committed=(\\d+)KB");

    /// As it is now; collects garbage.
    ///
    /// @param expected as many mappings as there should be: more are collected for longer, since
    ///   the thread that gives them back may get no CPU for a while
    static Footprint take(long expected) {
        long settled = ProcessMappings.countWhenSettled().memory();
        long mappings =
                settled <= expected
                        ? settled
                        : ProcessMappings.countAfterCollecting(expected).memory();
        System.gc();
        var memory = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
        return new Footprint(
                OpenDescriptors.settled(), mappings, memory.getUsed(), nativeMemoryBesideHeap());
    }

    private static OptionalLong nativeMemoryBesideHeap() {
        String report;
        try {
            var name = new ObjectName("com.sun.management:type=DiagnosticCommand");
            report =
                    (String)
                            ManagementFactory.getPlatformMBeanServer()
                                    .invoke(
                                            name,
                                            "vmNativeMemory",
                                            new Object[] {new String[] {"summary"}},
                                            new String[] {String[].class.getName()});
        } catch (JMException e) {
            throw new IllegalStateException("native memory report", e);
        }
        Matcher total = TOTAL.matcher(report);
        Matcher heap = HEAP.matcher(report);
        return total.find() && heap.find()
                ? OptionalLong.of(
                        (Long.parseLong(total.group(1)) - Long.parseLong(heap.group(1))) << 10)
                : OptionalLong.empty();
    }

    /// One line for a log.
    @Override
    public String toString() {
        int open = descriptors.values().stream().mapToInt(Integer::intValue).sum();
        String beside =
                nativeMemory.isPresent()
                        ? ", native %d KiB".formatted(nativeMemory.getAsLong() >> 10)
                        : "";
        return "%d descriptors, %d mappings, heap %d KiB%s"
                .formatted(open, mappings, heap >> 10, beside);
    }
}
