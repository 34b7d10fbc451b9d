package io.vfiouser.server.events;

import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Calls of a thread as text.
public final class StackText {
    private StackText() {}

    /// The first calls of a stack, a line each.
    public static String of(StackTraceElement[] stack, int most) {
        return Stream.of(stack)
                .limit(most)
                .map(call -> System.lineSeparator() + "\t" + call)
                .collect(Collectors.joining());
    }
}
