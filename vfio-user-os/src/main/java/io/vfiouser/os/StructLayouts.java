package io.vfiouser.os;

/// Sizes, offsets and flag bits of the C structures we pass, for 64-bit little-endian Linux. All of
/// them are the same on x86-64 and AArch64.
final class StructLayouts {
    /// `struct iovec { void *iov_base; size_t iov_len; }`
    static final int IOVEC_BASE = 0;

    static final int IOVEC_LENGTH = 8;
    static final int IOVEC_SIZE = 16;

    /// `struct msghdr`; name and flags are left zero when sending.
    static final int MSGHDR_IOVECS = 16;

    static final int MSGHDR_IOVEC_COUNT = 24;
    static final int MSGHDR_CONTROL = 32;
    static final int MSGHDR_CONTROL_LENGTH = 40;
    static final int MSGHDR_FLAGS = 48;
    static final int MSGHDR_SIZE = 56;

    /// `struct cmsghdr { size_t cmsg_len; int cmsg_level; int cmsg_type; }`, data follows.
    static final int CMSGHDR_LENGTH = 0;

    static final int CMSGHDR_LEVEL = 8;
    static final int CMSGHDR_TYPE = 12;
    static final int CMSGHDR_SIZE = 16;

    /// `struct pollfd { int fd; short events; short revents; }`
    static final int POLLFD_FD = 0;

    static final int POLLFD_EVENTS = 4;
    static final int POLLFD_RETURNED = 6;

    /// `struct ucred { pid_t pid; uid_t uid; gid_t gid; }`
    static final int UCRED_PID = 0;

    static final int UCRED_UID = 4;
    static final int UCRED_GID = 8;
    static final int UCRED_SIZE = 12;

    /// `struct sockaddr_un { sa_family_t sun_family; char sun_path[108]; }`
    static final int SOCKADDR_UN_FAMILY = 0;

    static final int SOCKADDR_UN_PATH = 2;
    static final int SOCKADDR_UN_PATH_SIZE = 108;
    static final int SOCKADDR_UN_SIZE = 110;

    /// `struct statx`, whose layout is the same everywhere by design.
    static final int STATX_BLOCK_SIZE = 4;

    static final int STATX_MODE = 28;
    static final int STATX_INODE = 32;
    static final int STATX_FILE_SIZE = 40;
    static final int STATX_BLOCKS = 48;
    static final int STATX_DEVICE_MAJOR = 136;
    static final int STATX_DEVICE_MINOR = 140;
    static final int STATX_DIRECT_MEMORY_ALIGNMENT = 152;
    static final int STATX_DIRECT_OFFSET_ALIGNMENT = 156;
    static final int STATX_SIZE = 256;

    /// `struct statfs`, of which we read the kind and the block size.
    static final int STATFS_TYPE = 0;

    static final int STATFS_BLOCK_SIZE = 8;
    static final int STATFS_SIZE = 120;

    /// `struct iocb`, a request to the kernel's asynchronous I/O.
    static final int IOCB_DATA = 0;

    static final int IOCB_KEY = 8;

    /// The operation and its priority, both of two bytes.
    static final int IOCB_OPERATION = 16;

    static final int IOCB_FILE = 20;
    static final int IOCB_BUFFER = 24;
    static final int IOCB_LENGTH = 32;
    static final int IOCB_OFFSET = 40;
    static final int IOCB_RESERVED = 48;
    static final int IOCB_FLAGS = 56;
    static final int IOCB_EVENTFD = 60;
    static final int IOCB_SIZE = 64;

    /// `struct aio_ring`, where the kernel puts results: the places up to which they were seen and
    /// have come.
    static final int AIO_RING_HEAD = 8;

    static final int AIO_RING_TAIL = 12;
    static final int AIO_RING_SIZE = 16;

    private StructLayouts() {}

    /// Rounds up to the alignment of control messages (`CMSG_ALIGN`).
    static long cmsgAlign(long length) {
        return (length + 7) & ~7L;
    }
}
