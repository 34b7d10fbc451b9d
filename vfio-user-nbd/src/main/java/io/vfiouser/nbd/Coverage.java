package io.vfiouser.nbd;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Which bytes of a read the server has sent, so that it sends each exactly once.
///
/// Servers send pieces in order, so that the common case is one number.
final class Coverage {
    /// Ranges out of order that are remembered; a server that sends more of them is not sane.
    private static final int MAX_RANGES = 1 << 12;

    private long end;
    private @Nullable TreeMap<Long, Long> others;

    /// Forgets all pieces.
    void clear() {
        end = 0;
        others = null;
    }

    /// Takes note of a piece.
    ///
    /// @return false if it is empty, if some of it came before, or if there are too many gaps
    boolean add(long from, long length) {
        if (length <= 0 || from < end) {
            return false;
        }
        if (from == end && others == null) {
            end += length;
            return true;
        }
        TreeMap<Long, Long> ranges = others == null ? new TreeMap<>() : others;
        others = ranges;
        Map.Entry<Long, Long> before = ranges.floorEntry(from);
        Map.Entry<Long, Long> after = ranges.ceilingEntry(from);
        if ((before != null && before.getValue() > from)
                || (after != null && after.getKey() < from + length)
                || ranges.size() == MAX_RANGES) {
            return false;
        }
        ranges.put(from, from + length);
        while (!ranges.isEmpty() && ranges.firstKey() == end) {
            end = ranges.pollFirstEntry().getValue();
        }
        if (ranges.isEmpty()) {
            others = null;
        }
        return true;
    }

    /// Whether all of the first `length` bytes came.
    boolean isComplete(long length) {
        return end == length && others == null;
    }
}
