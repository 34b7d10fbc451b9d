package io.vfiouser.it.support;

import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.util.Map;
import java.util.TreeMap;

/// Which descriptors this process has open, whatever their numbers.
public final class OpenDescriptors {
    private OpenDescriptors() {}

    /// How many there are of each kind: sockets, eventfds, pipes, memory of each name.
    public static Map<String, Integer> byKind() {
        var kinds = new TreeMap<String, Integer>();
        for (String target : NoDescriptorLeaks.openDescriptors().values()) {
            kinds.merge(target.replaceAll("\\d", ""), 1, Integer::sum);
        }
        return kinds;
    }
}
