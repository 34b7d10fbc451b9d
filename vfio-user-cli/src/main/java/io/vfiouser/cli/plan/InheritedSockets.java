package io.vfiouser.cli.plan;

import io.vfiouser.cli.failure.UsageException;
import io.vfiouser.cli.text.Quoted;
import io.vfiouser.server.options.Endpoint;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// The sockets that whoever started this process left open for it: any by its number, and those of
/// systemd's socket activation (`LISTEN_FDS` and its companions) by their names too.
public final class InheritedSockets {
    /// What a socket's text starts with if it is one of these.
    public static final String PREFIX = "fd=";

    private static final int FIRST = 3;
    private static final Pattern NUMBER = Pattern.compile("\\d{1,9}");

    private final List<String> names;

    private InheritedSockets(List<String> names) {
        this.names = names;
    }

    /// What the environment says.
    ///
    /// @param pid this process; variables that are meant for another one do not count
    /// @throws UsageException if `LISTEN_FDS` is no number
    public static InheritedSockets of(Map<String, String> environment, long pid) {
        String count = environment.getOrDefault("LISTEN_FDS", "");
        if (count.isEmpty()
                || !environment.getOrDefault("LISTEN_PID", "").equals(Long.toString(pid))) {
            return new InheritedSockets(List.of());
        }
        if (!NUMBER.matcher(count).matches()) {
            throw new UsageException(
                    "LISTEN_FDS: %s (expected: a number)".formatted(Quoted.of(count)));
        }
        String[] given = environment.getOrDefault("LISTEN_FDNAMES", "").split(":", -1);
        List<String> names = new ArrayList<>();
        for (int i = 0; i < Integer.parseInt(count); i++) {
            names.add(i < given.length ? given[i] : "");
        }
        return new InheritedSockets(names);
    }

    /// `fd=N` for each socket of socket activation, in its order; none without that.
    public List<String> activated() {
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            texts.add(PREFIX + (FIRST + i));
        }
        return texts;
    }

    /// The socket that `text` stands for, `fd=N` or `fd=NAME`.
    ///
    /// @param where what stands before messages
    /// @throws UsageException if it is not open, not a UNIX stream socket that listens or is
    ///   connected, or has no such name or not it alone
    Endpoint.Inherited endpoint(String where, String text) {
        try {
            return Endpoint.inherited(descriptor(where, text));
        } catch (IllegalArgumentException e) {
            throw new UsageException(where + e.getMessage(), e);
        }
    }

    private int descriptor(String where, String text) {
        String name = text.substring(PREFIX.length());
        if (NUMBER.matcher(name).matches()) {
            return Integer.parseInt(name);
        }
        int found = names.indexOf(name);
        if (name.isEmpty() || found < 0 || found != names.lastIndexOf(name)) {
            throw new UsageException(
                    "%s%s (expected: fd= and a number, or a name that LISTEN_FDNAMES has once;"
                                    .formatted(where, Quoted.of(text))
                            + " it has %s)".formatted(Quoted.of(String.join(":", names))));
        }
        return FIRST + found;
    }
}
