package io.vfiouser.devices.block.filter;

import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Requests that wait to be used again: taken by the device's loop, given back by any thread.
///
/// The loop takes all that were given back at once, so that nobody ever takes a single one off the
/// shared list, which would need protection against its coming back meanwhile.
///
/// @param <R> the filter's request
final class RequestPool<R extends PooledRequest> {
    private final Supplier<R> maker;
    private final AtomicReference<@Nullable PooledRequest> returned = new AtomicReference<>();
    private @Nullable PooledRequest idle;

    RequestPool(Supplier<R> maker) {
        this.maker = maker;
    }

    /// An idle request. On the loop.
    R take() {
        PooledRequest request = idle;
        if (request == null) {
            request = returned.getAndSet(null);
        }
        if (request == null) {
            return maker.get();
        }
        idle = request.next();
        request.setNext(null);
        @SuppressWarnings("unchecked") // only what the maker made is ever given back
        R own = (R) request;
        return own;
    }

    /// Takes a request back. From any thread.
    void give(R request) {
        PooledRequest head;
        do {
            head = returned.get();
            request.setNext(head);
        } while (!returned.compareAndSet(head, request));
    }
}
