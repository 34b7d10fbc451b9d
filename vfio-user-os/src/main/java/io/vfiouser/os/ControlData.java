package io.vfiouser.os;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.netty.channel.unix.FileDescriptor;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/// The control messages beside a socket message, of which only descriptors (`SCM_RIGHTS`) matter.
final class ControlData {
    private static final int SOL_SOCKET = 1;
    private static final int SCM_RIGHTS = 1;

    private ControlData() {}

    /// Bytes that one control message with that many descriptors takes (`CMSG_SPACE`).
    static long space(int descriptorCount) {
        return StructLayouts.CMSGHDR_SIZE
                + StructLayouts.cmsgAlign((long) descriptorCount * Integer.BYTES);
    }

    /// Writes one control message with the descriptors of `bundle` and returns the bytes it takes.
    static long write(MemorySegment control, FdBundle bundle) {
        int count = bundle.count();
        long length = StructLayouts.CMSGHDR_SIZE + (long) count * Integer.BYTES;
        control.set(JAVA_LONG, StructLayouts.CMSGHDR_LENGTH, length);
        control.set(JAVA_INT, StructLayouts.CMSGHDR_LEVEL, SOL_SOCKET);
        control.set(JAVA_INT, StructLayouts.CMSGHDR_TYPE, SCM_RIGHTS);
        for (int i = 0; i < count; i++) {
            control.set(
                    JAVA_INT,
                    StructLayouts.CMSGHDR_SIZE + (long) i * Integer.BYTES,
                    bundle.peek(i).intValue());
        }
        return space(count);
    }

    /// Reads every descriptor out of `length` bytes of control data; they are the caller's.
    static List<FileDescriptor> read(MemorySegment control, long length) {
        var descriptors = new ArrayList<FileDescriptor>();
        long at = 0;
        while (length - at >= StructLayouts.CMSGHDR_SIZE) {
            long messageLength = control.get(JAVA_LONG, at + StructLayouts.CMSGHDR_LENGTH);
            if (messageLength < StructLayouts.CMSGHDR_SIZE || messageLength > length - at) {
                break;
            }
            if (isDescriptors(control, at)) {
                long end = at + messageLength;
                for (long i = at + StructLayouts.CMSGHDR_SIZE;
                        end - i >= Integer.BYTES;
                        i += Integer.BYTES) {
                    descriptors.add(new FileDescriptor(control.get(JAVA_INT, i)));
                }
            }
            at += StructLayouts.cmsgAlign(messageLength);
        }
        return descriptors;
    }

    private static boolean isDescriptors(MemorySegment control, long at) {
        return control.get(JAVA_INT, at + StructLayouts.CMSGHDR_LEVEL) == SOL_SOCKET
                && control.get(JAVA_INT, at + StructLayouts.CMSGHDR_TYPE) == SCM_RIGHTS;
    }
}
