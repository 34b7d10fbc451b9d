package io.vfiouser.benchmarks.compare;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Horizontal bars with whiskers from the lowest to the highest repetition, as SVG.
final class BarChart {
    private static final int LABEL = 330;
    private static final int WIDTH = 420;
    private static final int BAR = 13;
    private static final int GAP = 12;
    private static final int TOP = 46;
    private static final List<String> COLOURS = List.of("#1b7f5c", "#b4552d", "#4a5fa5", "#8a6d1f");

    private final String title;
    private final List<String> servers;
    private final StringBuilder body = new StringBuilder();
    private final double largest;
    private int y = TOP;

    /// @param largest the right end of the scale, in the unit of the bars
    BarChart(String title, List<String> servers, double largest) {
        this.title = title;
        this.servers = List.copyOf(servers);
        this.largest = largest;
    }

    /// Adds a bar for each server.
    ///
    /// @param mark where a line across the bars stands: the goal; NaN for none
    void add(String label, Map<String, Spread> bars, double mark) {
        int top = y;
        text(LABEL - 8, y + (servers.size() * BAR) / 2 + 4, "end", label);
        for (int i = 0; i < servers.size(); i++) {
            Spread bar = bars.get(servers.get(i));
            if (bar != null) {
                bar(bar, COLOURS.get(i % COLOURS.size()));
            } else {
                text(LABEL + 4, y + BAR - 3, "start", "fails");
            }
            y += BAR;
        }
        if (!Double.isNaN(mark) && mark <= largest) {
            line(x(mark), top - 2, x(mark), y + 1, "#c00", 2);
        }
        y += GAP;
    }

    String svg() {
        var all = new StringBuilder();
        all.append(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\""
                                .formatted(LABEL + WIDTH + 80, y + 8)
                        + " font-family=\"sans-serif\" font-size=\"12\">\n"
                        + "<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n");
        all.append(
                "<text x=\"12\" y=\"20\" font-size=\"14\">%s</text>\n".formatted(escaped(title)));
        for (int i = 0; i < servers.size(); i++) {
            int x = LABEL + i * 140;
            all.append(
                    "<rect x=\"%d\" y=\"28\" width=\"10\" height=\"10\" fill=\"%s\"/>"
                            .formatted(x, COLOURS.get(i % COLOURS.size())));
            all.append(
                    "<text x=\"%d\" y=\"37\">%s</text>\n"
                            .formatted(x + 15, escaped(servers.get(i))));
        }
        return all.append(body).append("</svg>\n").toString();
    }

    private void bar(Spread bar, String colour) {
        double end = x(bar.median());
        body.append(
                String.format(
                        Locale.ROOT,
                        "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>%n",
                        LABEL,
                        y,
                        end - LABEL,
                        BAR - 2,
                        colour));
        int middle = y + BAR / 2 - 1;
        line(x(bar.lowest()), middle, x(bar.highest()), middle, "#222", 1);
        text(
                (int) Math.max(end, x(bar.highest())) + 5,
                y + BAR - 3,
                "start",
                Spread.number(bar.median()));
    }

    private double x(double value) {
        return LABEL + Math.min(1, value / largest) * WIDTH;
    }

    private void line(double x1, double y1, double x2, double y2, String colour, int width) {
        body.append(
                String.format(
                        Locale.ROOT,
                        "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\""
                                + " stroke-width=\"%d\"/>%n",
                        x1,
                        y1,
                        x2,
                        y2,
                        colour,
                        width));
    }

    private void text(int x, int atY, String anchor, String text) {
        body.append(
                "<text x=\"%d\" y=\"%d\" text-anchor=\"%s\">%s</text>\n"
                        .formatted(x, atY, anchor, escaped(text)));
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;");
    }
}
