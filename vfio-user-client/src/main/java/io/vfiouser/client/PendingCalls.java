package io.vfiouser.client;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The commands that wait for a reply, in the order in which they were sent. Used on the loop.
///
/// A server answers in order, so the reply nearly always belongs to the first one; a server that
/// does not is found out by a search. Where ids repeat, the oldest with that id is meant.
final class PendingCalls {
    private final ArrayDeque<PendingCall<?>> calls = new ArrayDeque<>();

    void add(PendingCall<?> call) {
        calls.add(call);
    }

    void remove(PendingCall<?> call) {
        calls.removeFirstOccurrence(call);
    }

    /// Removes the oldest call with this id.
    ///
    /// @return the call, null if there is none
    @Nullable PendingCall<?> take(int messageId) {
        for (Iterator<PendingCall<?>> i = calls.iterator(); i.hasNext(); ) {
            PendingCall<?> call = i.next();
            if (call.messageId() == messageId) {
                i.remove();
                return call;
            }
        }
        return null;
    }

    /// Removes all calls.
    void drain(Consumer<PendingCall<?>> last) {
        for (PendingCall<?> call = calls.poll(); call != null; call = calls.poll()) {
            last.accept(call);
        }
    }
}
