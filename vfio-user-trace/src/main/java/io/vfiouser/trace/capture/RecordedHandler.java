package io.vfiouser.trace.capture;

import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.region.RegionHandler;
import io.vfiouser.device.region.Register;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;
import java.util.function.Supplier;

/// Records the accesses of one region with their answers.
final class RecordedHandler implements RegionHandler {
    private final int region;
    private final RegionHandler next;
    private final Supplier<Optional<RecordedMessages>> messages;

    /// @param messages where they go, while a client is there
    RecordedHandler(int region, RegionHandler next, Supplier<Optional<RecordedMessages>> messages) {
        this.region = region;
        this.next = next;
        this.messages = messages;
    }

    @Override
    public Completion read(long offset, MemorySegment into) {
        Optional<RecordedMessages> to = messages.get();
        if (to.isEmpty()) {
            return next.read(offset, into);
        }
        RecordedMessages.Access access = to.get().read(region, offset, (int) into.byteSize());
        return answered(
                Completion.attempt(() -> next.read(offset, into)),
                access,
                () -> into.toArray(ValueLayout.JAVA_BYTE));
    }

    @Override
    public Completion write(long offset, MemorySegment from) {
        Optional<RecordedMessages> to = messages.get();
        if (to.isEmpty()) {
            return next.write(offset, from);
        }
        RecordedMessages.Access access =
                to.get().write(region, offset, from.toArray(ValueLayout.JAVA_BYTE));
        return answered(
                Completion.attempt(() -> next.write(offset, from)), access, () -> new byte[0]);
    }

    @Override
    public Optional<Register> registerAt(long offset) {
        return next.registerAt(offset);
    }

    private static Completion answered(
            Completion completion, RecordedMessages.Access access, Supplier<byte[]> data) {
        return switch (completion) {
            case Completion.Done done -> {
                access.answered(data.get());
                yield done;
            }
            case Completion.Pending(var stage) ->
                    Completion.after(
                            stage.whenComplete((_, error) -> {
                                if (error == null) {
                                    access.answered(data.get());
                                } else {
                                    access.refused(error);
                                }
                            }));
        };
    }
}
