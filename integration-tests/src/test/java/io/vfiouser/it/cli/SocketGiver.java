package io.vfiouser.it.cli;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.netty.channel.epoll.Epoll;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.Socket;
import io.vfiouser.it.support.JavaCommand;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A process that opens sockets and becomes another command, which finds them as descriptors from 3
/// on: what a service manager does. The JVM closes what its children would inherit, so it replaces
/// itself, by way of a shell that moves the descriptors to their places.
///
/// Arguments: `listen` or `accept`, paths, `--`, the command. With `accept` the command gets the
/// first connection in place of the listening socket.
final class SocketGiver {
    private static final int F_DUPFD = 0;
    private static final int F_SETFL = 4;

    /// Above what the JVM has open, and above the descriptors' places.
    private static final int FIRST_COPY = 200;

    private SocketGiver() {}

    /// The command line that runs this.
    static List<String> command(String mode, List<String> paths, List<String> command) {
        List<String> words = JavaCommand.of(SocketGiver.class.getName(), mode);
        words.addAll(paths);
        words.add("--");
        words.addAll(command);
        return words;
    }

    static void main(String[] arguments) throws Throwable {
        List<String> words = Arrays.asList(arguments);
        int end = words.indexOf("--");
        List<FileDescriptor> sockets = new ArrayList<>();
        Epoll.ensureAvailability();
        for (String path : words.subList(1, end)) {
            sockets.add(listening(path));
        }
        if (words.getFirst().equals("accept")) {
            System.out.println("listening");
            sockets.set(0, accepted(sockets.getFirst()));
        }
        var script = new StringBuilder("export LISTEN_PID=$$ LISTEN_FDS=" + sockets.size());
        for (int i = 0; i < sockets.size(); i++) {
            int copy = fcntl(sockets.get(i), F_DUPFD, FIRST_COPY + i);
            script.append("; exec %d<&%d %d<&-".formatted(3 + i, copy, copy));
        }
        script.append("; exec \"$@\"");
        List<String> shell = new ArrayList<>(List.of("bash", "-c", script.toString(), "bash"));
        shell.addAll(words.subList(end + 1, words.size()));
        become(shell);
    }

    private static Socket listening(String path) throws IOException {
        Socket socket = Socket.newSocketDomain();
        socket.bind(new DomainSocketAddress(path));
        socket.listen(5);
        return socket;
    }

    private static FileDescriptor accepted(FileDescriptor listener) throws Throwable {
        block(listener);
        var connected = new FileDescriptor(((Socket) listener).accept(new byte[26]));
        block(connected);
        return connected;
    }

    /// As most programs have their sockets; Netty's are non-blocking.
    private static void block(FileDescriptor socket) throws Throwable {
        fcntl(socket, F_SETFL, 0);
    }

    private static int fcntl(FileDescriptor descriptor, int command, int argument)
            throws Throwable {
        int result =
                (int)
                        function("fcntl", 2, JAVA_INT, JAVA_INT, JAVA_INT)
                                .invokeExact(descriptor.intValue(), command, argument);
        if (result < 0) {
            throw new IOException("fcntl: " + result + " (expected: at least 0)");
        }
        return result;
    }

    private static void become(List<String> command) throws Throwable {
        try (var arena = Arena.ofConfined()) {
            MemorySegment words = arena.allocate(ADDRESS, command.size() + 1);
            for (int i = 0; i < command.size(); i++) {
                words.setAtIndex(ADDRESS, i, arena.allocateFrom(command.get(i)));
            }
            MethodHandle execvp = function("execvp", 2, ADDRESS, ADDRESS);
            int result = (int) execvp.invokeExact(words.getAtIndex(ADDRESS, 0), words);
            throw new IOException("execvp: " + result + " (expected: no return)");
        }
    }

    /// A function of libc that returns an `int`, of which the first arguments are fixed.
    @SuppressWarnings("restricted") // an exec leaves nothing behind that could come to harm
    private static MethodHandle function(String name, int fixed, MemoryLayout... arguments) {
        Linker linker = Linker.nativeLinker();
        var descriptor = FunctionDescriptor.of(JAVA_INT, arguments);
        MemorySegment address = linker.defaultLookup().findOrThrow(name);
        return fixed == arguments.length
                ? linker.downcallHandle(address, descriptor)
                : linker.downcallHandle(address, descriptor, Linker.Option.firstVariadicArg(fixed));
    }
}
