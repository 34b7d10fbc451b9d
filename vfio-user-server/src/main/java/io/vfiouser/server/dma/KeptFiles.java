package io.vfiouser.server.dma;

import io.netty.channel.unix.FileDescriptor;
import io.vfiouser.os.Descriptors;
import io.vfiouser.os.FileStatus;
import io.vfiouser.os.PeerDescriptors;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The files behind the mappings of one client, kept open so that another process can map them: one
/// descriptor for each file, however many regions lie in it. Belongs to the session's loop.
final class KeptFiles {
    private final Map<Key, File> files = HashMap.newHashMap(0);

    /// How many descriptors there are.
    int count() {
        return files.size();
    }

    /// Keeps the file of a descriptor, which stays the caller's.
    ///
    /// @return closed once for each call
    File keep(FileDescriptor fd) {
        FileStatus status = FileStatus.of(fd);
        var key = new Key(status.device(), status.inode(), Descriptors.accessMode(fd));
        @Nullable File file = files.get(key);
        if (file == null) {
            file = new File(key, Descriptors.duplicate(fd));
            files.put(key, file);
        }
        file.uses++;
        return file;
    }

    /// One file as it was opened.
    private record Key(long device, long inode, int accessMode) {}

    /// A file that is kept.
    final class File implements AutoCloseable {
        private final Key key;
        private final FileDescriptor fd;
        private int uses;

        private File(Key key, FileDescriptor fd) {
            this.key = key;
            this.fd = fd;
        }

        /// Its descriptor; stays here.
        FileDescriptor fd() {
            return fd;
        }

        /// Ends one use; the last one closes the descriptor.
        @Override
        public void close() {
            uses--;
            if (uses == 0) {
                files.remove(key);
                PeerDescriptors.close(fd);
            }
        }
    }
}
