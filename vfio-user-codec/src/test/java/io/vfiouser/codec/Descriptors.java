package io.vfiouser.codec;

import io.netty.channel.epoll.Epoll;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import java.io.UncheckedIOException;

/// Real descriptors for tests, so that a leak is a leak.
final class Descriptors {
    private Descriptors() {}

    /// Loads the native library; before the first [#pipe()] and before descriptors are counted.
    static void load() {
        Epoll.ensureAvailability();
    }

    static FileDescriptor[] pipe() {
        try {
            return FileDescriptor.pipe();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
