package io.vfiouser.cli.text;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/// "Did you mean ...": the known name that is closest to what was written.
public final class Suggestion {
    private static final int LONGEST = 64;

    private Suggestion() {}

    /// The closest of `known`, if it is at most a third of its letters away from `written`.
    public static Optional<String> of(String written, Collection<String> known) {
        if (written.length() > LONGEST) {
            return Optional.empty();
        }
        return known.stream()
                .filter(name -> distance(written, name) <= Math.max(1, name.length() / 3))
                .min(Comparator.comparingInt(name -> distance(written, name)));
    }

    /// `; did you mean NAME` for the end of an expectation, or nothing.
    public static String clause(String written, Collection<String> known) {
        return of(written, known).map(name -> "; did you mean " + name).orElse("");
    }

    /// How many letters must be changed, added, left out or swapped with their neighbour.
    private static int distance(String from, String to) {
        int[][] cost = new int[from.length() + 1][to.length() + 1];
        for (int i = 0; i <= from.length(); i++) {
            for (int j = 0; j <= to.length(); j++) {
                cost[i][j] = i == 0 || j == 0 ? i + j : cheapest(cost, from, i, to, j);
            }
        }
        return cost[from.length()][to.length()];
    }

    private static int cheapest(int[][] cost, String from, int i, String to, int j) {
        boolean same = from.charAt(i - 1) == to.charAt(j - 1);
        int best =
                Math.min(
                        Math.min(cost[i - 1][j], cost[i][j - 1]) + 1,
                        cost[i - 1][j - 1] + (same ? 0 : 1));
        boolean swapped =
                i > 1
                        && j > 1
                        && from.charAt(i - 1) == to.charAt(j - 2)
                        && from.charAt(i - 2) == to.charAt(j - 1);
        return swapped ? Math.min(best, cost[i - 2][j - 2] + 1) : best;
    }
}
