package io.vfiouser.cli.text;

/// Text from elsewhere (users, files, peers), made fit for one line of output.
public final class Quoted {
    private static final int LONGEST = 64;

    private Quoted() {}

    /// `text` with everything that is not printable ASCII escaped, cut to 64 characters.
    public static String of(String text) {
        var line = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            String piece =
                    c >= ' ' && c < 0x7f ? String.valueOf(c) : String.format("\\u%04x", (int) c);
            if (line.length() + piece.length() > LONGEST) {
                return line + "...";
            }
            line.append(piece);
        }
        return line.toString();
    }

    /// The same for a path, whose end matters as much as its start: not cut.
    public static String path(String path) {
        var line = new StringBuilder();
        for (int i = 0; i < path.length(); i++) {
            char c = path.charAt(i);
            line.append(Character.isISOControl(c) ? String.format("\\u%04x", (int) c) : c);
        }
        return line.toString();
    }
}
