package io.vfiouser.client;

import io.netty.channel.unix.FileDescriptor;
import io.vfiouser.os.FdBundle;
import io.vfiouser.protocol.ServerReply;
import java.util.ArrayList;
import org.jspecify.annotations.Nullable;

/// Makes the result of a call from its reply. Called on the loop.
///
/// @param <T> the result
@FunctionalInterface
interface ReplyReader<T extends @Nullable Object> {
    /// Reads a reply; what it throws becomes the failure of the call.
    ///
    /// @param reply error replies included; what it carries is valid during this call only
    /// @param descriptors those that are not taken are closed after this call
    T read(ServerReply reply, FdBundle descriptors);

    /// Moves all descriptors to a bundle that outlives the call.
    static FdBundle takeAll(FdBundle descriptors) {
        var taken = new ArrayList<FileDescriptor>(descriptors.count());
        for (int i = 0; i < descriptors.count(); i++) {
            taken.add(descriptors.take(i));
        }
        return FdBundle.ofOwned(taken);
    }
}
