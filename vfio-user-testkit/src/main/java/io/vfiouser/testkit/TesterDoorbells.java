package io.vfiouser.testkit;

import io.vfiouser.device.DeviceContext.Installed;
import io.vfiouser.device.region.Doorbell;
import io.vfiouser.device.region.LittleEndian;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.LongConsumer;

/// The doorbells that a device has installed, rung by the test without eventfds.
final class TesterDoorbells {
    private final List<Bell> bells = new ArrayList<>();

    Installed install(int region, Doorbell doorbell, LongConsumer rung) {
        for (Bell other : bells) {
            if (other.region == region && other.doorbell.collidesWith(doorbell)) {
                throw new IllegalArgumentException(
                        doorbell + " (expected: none that the same write rings: " + other + ")");
            }
        }
        var bell = new Bell(region, doorbell, Objects.requireNonNull(rung, "rung"));
        bells.add(bell);
        return () -> bells.remove(bell);
    }

    boolean ring(int region, long offset, int width, long value) {
        for (Bell bell : List.copyOf(bells)) {
            if (bell.region == region && bell.takes(offset, width, value)) {
                bell.ring(value);
                return true;
            }
        }
        return false;
    }

    private record Bell(int region, Doorbell doorbell, LongConsumer rung) {
        boolean takes(long offset, int width, long value) {
            return doorbell.offset() == offset
                    && (doorbell.size() == 0 || doorbell.size() == width)
                    && (doorbell.match().isEmpty() || doorbell.match().getAsLong() == value);
        }

        void ring(long value) {
            doorbell.shadow()
                    .ifPresent(place ->
                            LittleEndian.put(
                                    place.memory().segment(),
                                    place.offset(),
                                    doorbell.size(),
                                    value));
            if (!doorbell.silent()) {
                rung.accept(doorbell.value());
            }
        }
    }
}
