package io.vfiouser.trace.capture;

/// Text of a file that anybody can have written, made fit for a terminal.
final class PlainText {
    private static final int LIMIT = 128;

    private PlainText() {}

    /// At most 128 characters, with `?` for what is not printable ASCII.
    static String of(String text) {
        return text.substring(0, Math.min(text.length(), LIMIT)).replaceAll("[^ -~]", "?");
    }
}
