package io.vfiouser.cli.qemu;

import io.vfiouser.cli.text.ByteSize;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/// What to add to a QEMU command line, so that its guest sees the devices behind some sockets.
/// Guest memory is a shared memfd: without that, devices could reach it by messages only.
///
/// @param sockets absolute paths
/// @param memory bytes of guest memory
public record QemuArguments(List<Path> sockets, long memory) {
    /// Copies the list.
    public QemuArguments {
        sockets = List.copyOf(sockets);
    }

    /// Options and their values, unquoted.
    public List<String> words() {
        List<String> words = new ArrayList<>();
        words.add("-object");
        words.add("memory-backend-memfd,id=mem,size=" + ByteSize.format(memory) + ",share=on");
        words.add("-machine");
        words.add("q35,memory-backend=mem");
        for (Path socket : sockets) {
            words.add("-device");
            words.add(
                    "{\"driver\":\"vfio-user-pci\",\"socket\":{\"type\":\"unix\",\"path\":"
                            + json(socket.toString())
                            + "}}");
        }
        return words;
    }

    /// The arguments for a shell: one option a line, each line but the last ends with a backslash.
    public String shellText() {
        List<String> words = words();
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < words.size(); i += 2) {
            lines.add(words.get(i) + " " + ShellQuoting.quote(words.get(i + 1)));
        }
        return lines.stream().collect(Collectors.joining(" \\\n"));
    }

    private static String json(String text) {
        var quoted = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (c < ' ') {
                quoted.append(String.format("\\u%04x", (int) c));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }
}
