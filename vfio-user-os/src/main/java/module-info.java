/// The native door: the few Linux system calls that Java and Netty lack.
///
/// The only module that uses the foreign function API, so the only one to be named in
/// `--enable-native-access=io.vfiouser.os`.
module io.vfiouser.os {
    requires io.netty.common;
    requires io.netty.transport.classes.epoll; // only to say what is missing, see Platform
    requires static com.google.errorprone.annotations;
    requires static org.jspecify;
    requires transitive io.netty.buffer; // ByteBuf is what MessageSocket reads into and sends
    requires transitive io.netty.transport.unix.common; // FileDescriptor is how descriptors travel

    exports io.vfiouser.os;
}
