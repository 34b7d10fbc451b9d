package io.vfiouser.cli.qemu;

/// Words for a POSIX shell.
final class ShellQuoting {
    private ShellQuoting() {}

    /// `word` as the shell reads it back: bare where that is safe, else in single quotes.
    static String quote(String word) {
        if (word.matches("[A-Za-z0-9_./:=,+@%-]+")) {
            return word;
        }
        return "'" + word.replace("'", "'\\''") + "'";
    }
}
