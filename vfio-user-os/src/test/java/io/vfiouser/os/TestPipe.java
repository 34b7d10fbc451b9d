package io.vfiouser.os;

import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;

/// Pipes through Netty, whose native library must be there first.
final class TestPipe {
    private TestPipe() {}

    static FileDescriptor[] open() throws IOException {
        Platform.ensureSupported();
        return FileDescriptor.pipe();
    }
}
