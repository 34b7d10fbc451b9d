package io.vfiouser.codec;

/// Makes text that a peer chose fit for a log line or an error message.
public final class PeerText {
    /// Characters of the peer that are kept at most.
    public static final int LIMIT = 64;

    private PeerText() {}

    /// `text` in double quotes, with everything but printable ASCII escaped, cut to [#LIMIT]
    /// characters of the peer and marked with `...` if cut.
    public static String quote(CharSequence text) {
        int kept = Math.min(text.length(), LIMIT);
        var quoted = new StringBuilder(kept + 8).append('"');
        for (int i = 0; i < kept; i++) {
            append(quoted, text.charAt(i));
        }
        return quoted.append(kept < text.length() ? "\"..." : "\"").toString();
    }

    private static void append(StringBuilder quoted, char c) {
        if (c == '"' || c == '\\') {
            quoted.append('\\').append(c);
        } else if (c >= ' ' && c <= '~') {
            quoted.append(c);
        } else {
            quoted.append("\\u").append(String.format("%04x", (int) c));
        }
    }
}
