package io.vfiouser.benchmarks.compare;

import java.util.List;

/// One number that was measured.
///
/// @param workload what was done
/// @param server by whom; [#FLOOR] is the bare echo server
/// @param repetition in which turn, from 0; numbers of one turn were measured right after each
///   other
/// @param metric what the number is, with its unit
record Sample(String workload, String server, int repetition, String metric, double value) {
    static final String FLOOR = "floor";

    static final String HEADER = "workload,server,repetition,metric,value";

    String line() {
        return "%s,%s,%d,%s,%s".formatted(workload, server, repetition, metric, number(value));
    }

    static Sample parse(String line) {
        List<String> fields = List.of(line.split(","));
        return new Sample(
                fields.get(0),
                fields.get(1),
                Integer.parseInt(fields.get(2)),
                fields.get(3),
                Double.parseDouble(fields.get(4)));
    }

    private static String number(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? Long.toString((long) value)
                : "%.4g".formatted(value);
    }
}
