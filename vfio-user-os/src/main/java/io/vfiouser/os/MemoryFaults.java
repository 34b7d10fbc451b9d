package io.vfiouser.os;

/// Tells a fault in mapped memory from other errors: the file was truncated, or the mapping closed.
///
/// The JVM turns such a fault into an `InternalError` and lives on. Compiled code raises it not at
/// the access itself but at the next point where the thread would also stop for the collector,
/// which can be after the `try` around the access. [#deliverPending()] is such a point:
///
/// ```java
/// try {
///     MemorySegment.copy(guest, 0, buffer, 0, size);
///     MemoryFaults.deliverPending();
/// } catch (InternalError e) {
///     if (MemoryFaults.isFault(e)) { ... } else { throw e; }
/// }
/// ```
public final class MemoryFaults {
    private static final String MESSAGE = "a fault occurred in an unsafe memory access operation";

    /// Volatile, so that the compiler cannot know how often the loop below turns.
    @SuppressWarnings({"FieldMayBeFinal", "ConstantField"}) // final would let it know
    private static volatile int step = 1;

    private MemoryFaults() {}

    /// Whether this is what the JVM throws for an access to memory that no file backs.
    public static boolean isFault(Throwable thrown) {
        return thrown instanceof InternalError && MESSAGE.equals(thrown.getMessage());
    }

    /// Throws the fault that an earlier access of this thread ran into, if the JVM has not done so
    /// yet. Takes about a nanosecond.
    ///
    /// @throws InternalError one for which [#isFault(Throwable)] holds
    public static void deliverPending() {
        // The JVM delivers at the jump back of a loop whose number of turns it does not know.
        int turns = 0;
        do {
            turns += step;
        } while (turns < 2);
    }
}
