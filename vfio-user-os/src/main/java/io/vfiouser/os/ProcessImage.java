package io.vfiouser.os;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.Stream;

/// The program that this process runs, as the kernel has it: raw bytes, in no encoding.
///
/// @param program the file that runs
/// @param arguments the arguments, the program's name first
/// @param environment `NAME=VALUE` each
public record ProcessImage(Path program, List<byte[]> arguments, List<byte[]> environment) {
    private static final Path SELF = Path.of("/proc/self");
    private static final int FIRST_INHERITED = 3;

    /// Copies the lists.
    public ProcessImage {
        arguments = List.copyOf(arguments);
        environment = List.copyOf(environment);
    }

    /// What this process was started as.
    ///
    /// @throws IOException if `/proc` does not tell
    public static ProcessImage current() throws IOException {
        return new ProcessImage(
                SELF.resolve("exe").toRealPath(),
                words(Files.readAllBytes(SELF.resolve("cmdline"))),
                words(Files.readAllBytes(SELF.resolve("environ"))));
    }

    /// Makes this process run that program in place of this one; does not return. It keeps its id,
    /// its directory, standard input and output, and the descriptors that are kept; the rights of
    /// the calling thread become those of the process.
    ///
    /// @param kept which other descriptors stay open, by number
    /// @throws NativeCallException such as EACCES or ENOENT for the program
    /// @throws IOException if `/proc` does not tell what is open
    public void replace(IntPredicate kept) throws IOException {
        for (int fd : open()) {
            if (fd >= FIRST_INHERITED && !kept.test(fd)) {
                keepFromNext(fd);
            }
        }
        try (Arena arena = Arena.ofConfined()) {
            int result =
                    ProcessCalls.execve(
                            CallState.current(),
                            arena.allocateFrom(program.toString()).address(),
                            strings(arena, arguments),
                            strings(arena, environment));
            throw Descriptors.failure("execve", result, "path=" + program);
        }
    }

    private static void keepFromNext(int fd) {
        try {
            Descriptors.setCloseOnExec(new FileDescriptor(fd));
        } catch (NativeCallException e) {
            // As that is which the list was read with.
            if (!e.errno().equals(Errno.EBADF)) {
                throw e;
            }
        }
    }

    private static List<Integer> open() throws IOException {
        try (Stream<Path> files = Files.list(SELF.resolve("fd"))) {
            return files.map(file -> Integer.parseInt(file.getFileName().toString())).toList();
        }
    }

    private static long strings(Arena arena, List<byte[]> texts) {
        MemorySegment all = arena.allocate(JAVA_LONG, texts.size() + 1L);
        for (int i = 0; i < texts.size(); i++) {
            byte[] text = Arrays.copyOf(texts.get(i), texts.get(i).length + 1);
            all.setAtIndex(JAVA_LONG, i, arena.allocateFrom(JAVA_BYTE, text).address());
        }
        return all.address();
    }

    private static List<byte[]> words(byte[] text) {
        List<byte[]> words = new ArrayList<>();
        int from = 0;
        for (int i = 0; i < text.length; i++) {
            if (text[i] == 0) {
                words.add(Arrays.copyOfRange(text, from, i));
                from = i + 1;
            }
        }
        return words;
    }
}
