package io.vfiouser.cli;

import io.vfiouser.cli.failure.UsageException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import tools.jackson.core.io.JsonStringEncoder;

/// What a `ctl` call is in HTTP.
///
/// @param body JSON, or empty
/// @param grace what the server may wait for before it answers
record CtlCall(String method, String path, String body, Duration grace) {
    private CtlCall(String method, String path, String body) {
        this(method, path, body, Duration.ZERO);
    }

    /// @throws UsageException for an unknown call, or too few or too many arguments
    static CtlCall of(String call, List<String> arguments) {
        return switch (call) {
            case "health", "metrics" -> get(call, arguments, "/" + call);
            case "devices", "catalog", "loops" -> get(call, arguments, "/v1/" + call);
            case "device" -> new CtlCall("GET", device(call, arguments, 1, 1), "");
            case "reset", "disconnect" ->
                    new CtlCall("POST", device(call, arguments, 1, 1) + "/" + call, "");
            case "give-up" -> giveUp(arguments);
            case "remove" -> remove(arguments);
            case "add" -> add(arguments);
            case "move" -> move(arguments);
            case "irq" -> irq(arguments);
            case "fail" -> fail(arguments);
            case "filter" -> filter(arguments);
            default ->
                    throw new UsageException(
                            "call: " + call + " (expected: one that vfio-user ctl --help lists)");
        };
    }

    private static CtlCall get(String call, List<String> arguments, String path) {
        count(call, arguments, 0, 0);
        return new CtlCall("GET", path, "");
    }

    private static CtlCall giveUp(List<String> arguments) {
        String path = device("give-up", arguments, 1, 2) + "/give-up";
        return new CtlCall(
                "POST",
                path,
                arguments.size() > 1 ? "{\"reason\":%s}".formatted(quoted(arguments.get(1))) : "");
    }

    private static CtlCall remove(List<String> arguments) {
        String path = device("remove", arguments, 1, 2);
        String grace = arguments.size() > 1 ? arguments.get(1) : "0";
        return new CtlCall(
                "DELETE",
                path + "?grace=" + encoded(grace),
                "",
                Duration.ofSeconds(seconds(grace)));
    }

    /// What the server takes for a grace; it refuses the rest in its own words.
    private static int seconds(String grace) {
        try {
            return Math.max(0, Integer.parseInt(grace));
        } catch (NumberFormatException _) {
            return 0;
        }
    }

    private static CtlCall add(List<String> arguments) {
        count("add", arguments, 2, Integer.MAX_VALUE);
        var settings = new StringBuilder();
        SettingOptions.parse(arguments.subList(2, arguments.size()))
                .forEach((key, value) ->
                        settings.append(settings.isEmpty() ? "" : ",")
                                .append(quoted(key))
                                .append(':')
                                .append(quoted(value)));
        String body =
                "{\"type\":%s,\"socket\":%s,\"settings\":{%s}}"
                        .formatted(quoted(arguments.get(0)), quoted(arguments.get(1)), settings);
        return new CtlCall("POST", "/v1/devices", body);
    }

    private static CtlCall move(List<String> arguments) {
        String path = device("move", arguments, 2, 2) + "/move";
        return new CtlCall(
                "POST", path, "{\"loop\":%s}".formatted(number("loop", arguments.get(1))));
    }

    private static CtlCall irq(List<String> arguments) {
        String path = device("irq", arguments, 2, 3);
        String vector = arguments.size() > 2 ? number("vector", arguments.get(2)) : "0";
        return new CtlCall(
                "POST",
                path + "/irqs",
                "{\"index\":%s,\"vector\":%s}".formatted(quoted(arguments.get(1)), vector));
    }

    private static CtlCall fail(List<String> arguments) {
        String path = device("fail", arguments, 1, 3);
        String errno = arguments.size() > 1 ? arguments.get(1) : "EIO";
        String count = arguments.size() > 2 ? number("count", arguments.get(2)) : "1";
        return new CtlCall(
                "POST",
                path + "/fail",
                "{\"errno\":%s,\"count\":%s}".formatted(quoted(errno), count));
    }

    private static CtlCall filter(List<String> arguments) {
        String path = device("filter", arguments, 1, 3) + "/filters";
        if (arguments.size() == 1) {
            return new CtlCall("GET", path, "");
        }
        count("filter", arguments, 3, 3);
        String which = arguments.get(2);
        String one = path + "/" + encoded(which);
        return switch (arguments.get(1)) {
            case "add" -> new CtlCall("POST", path, "{\"filter\":" + quoted(which) + "}");
            case "on" -> new CtlCall("PUT", one, "{\"enabled\":true}");
            case "off" -> new CtlCall("PUT", one, "{\"enabled\":false}");
            case "remove" -> new CtlCall("DELETE", one, "");
            default ->
                    throw new UsageException(
                            "filter: " + arguments.get(1) + " (expected: add, on, off or remove)");
        };
    }

    private static String device(String call, List<String> arguments, int least, int most) {
        count(call, arguments, least, most);
        return "/v1/devices/" + encoded(arguments.getFirst());
    }

    private static void count(String call, List<String> arguments, int least, int most) {
        if (arguments.size() < least || arguments.size() > most) {
            throw new UsageException(
                    "%s: %d arguments (expected: as in vfio-user ctl --help)"
                            .formatted(call, arguments.size()));
        }
    }

    private static String number(String name, String text) {
        try {
            return Integer.toString(Integer.parseUnsignedInt(text));
        } catch (NumberFormatException e) {
            throw new UsageException(name + ": " + text + " (expected: a number)", e);
        }
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private static String quoted(String text) {
        return "\"" + new String(JsonStringEncoder.getInstance().quoteAsCharArray(text)) + "\"";
    }
}
