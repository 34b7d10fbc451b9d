package io.vfiouser.cli.plan;

import io.vfiouser.cli.failure.UsageException;
import io.vfiouser.cli.text.IntRange;
import io.vfiouser.cli.text.Quoted;
import io.vfiouser.cli.text.Suggestion;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The file of `serve --config`:
///
/// ```yaml
/// devices:
///   - type: gpio
///     socket: /run/vm1/gpio.sock
///   - type: testdev
///     socket: /run/vm1/testdev%d.sock
///     count: 4
///     set:
///       key: value
///     filters:
///       - delay:read=5ms
///     socket-mode: 0660
///     limits:
///       maxDmaRegions: 256
/// ```
///
/// All of [ServiceTerms#KEYS] may be there.
///
/// Nothing else may be in it. Relative sockets start at the working directory.
public final class ConfigFile {
    private static final long MAX_SIZE = 1 << 20;
    private static final String LIMITS = "limits";
    private static final String FILTERS = "filters";
    private static final IntRange COUNT = new IntRange(1, ServeRequest.MAX_COUNT);
    private static final List<String> DEVICE_KEYS = deviceKeys();

    private final String fileName;
    private final ServiceTerms defaults;

    private ConfigFile(String fileName, ServiceTerms defaults) {
        this.fileName = fileName;
        this.defaults = defaults;
    }

    /// What the file asks for, at least one request.
    ///
    /// @param defaults terms of the devices, where the file has no others
    /// @throws UsageException with file, line and path for anything that is not as above
    public static List<ServeRequest> read(Path file, ServiceTerms defaults) {
        return parse(file.toString(), text(file), defaults);
    }

    static List<ServeRequest> parse(String fileName, String text, ServiceTerms defaults) {
        return new ConfigFile(fileName, defaults).requests(YamlReader.read(fileName, text));
    }

    private static List<String> deviceKeys() {
        List<String> keys = new ArrayList<>(List.of("type", "socket", "count", "set", FILTERS));
        keys.addAll(ServiceTerms.KEYS);
        keys.add(LIMITS);
        return List.copyOf(keys);
    }

    private static String text(Path file) {
        String name = Quoted.path(file.toString());
        try {
            if (Files.isDirectory(file) || Files.size(file) > MAX_SIZE) {
                throw new UsageException(
                        "--config: %s (expected: a YAML file of at most 1 MiB)".formatted(name));
            }
            return Files.readString(file);
        } catch (NoSuchFileException e) {
            throw new UsageException(
                    "--config: %s: no such file (expected: a YAML file)".formatted(name), e);
        } catch (CharacterCodingException e) {
            throw new UsageException(
                    "--config: %s: not UTF-8 (expected: a YAML file)".formatted(name), e);
        } catch (IOException e) {
            throw new UsageException(
                    "--config: %s: cannot be read: %s (expected: a YAML file)"
                            .formatted(name, e.getMessage()),
                    e);
        }
    }

    private List<ServeRequest> requests(YamlNode root) {
        var top = mapping("", root, "devices: with a list below");
        checkKeys("", top, List.of("devices"));
        YamlNode list = required("", top, "devices", "a list of devices");
        if (!(list instanceof YamlNode.Sequence sequence) || sequence.items().isEmpty()) {
            throw refuse(list, "devices: " + list.what() + " (expected: a list of devices)");
        }
        List<ServeRequest> requests = new ArrayList<>();
        for (int i = 0; i < sequence.items().size(); i++) {
            requests.add(request("devices[" + i + "]", sequence.items().get(i)));
        }
        return requests;
    }

    private ServeRequest request(String path, YamlNode node) {
        var device = mapping(path, node, String.join(", ", DEVICE_KEYS));
        checkKeys(path + ".", device, DEVICE_KEYS);
        return new ServeRequest(
                YamlReader.place(fileName, node.line()) + ": " + path + ": ",
                text(path, device, "type", "a device type"),
                text(path, device, "socket", "a path"),
                count(path, device),
                settings(path, device),
                filters(path, device),
                terms(path, device));
    }

    private ServiceTerms terms(String path, YamlNode.Mapping device) {
        ServiceTerms terms = defaults;
        for (String key : device.entries().keySet()) {
            if (ServiceTerms.KEYS.contains(key)) {
                var value = scalar(path, device, key, "a value");
                String where = YamlReader.place(fileName, value.line()) + ": " + path + ".";
                terms = terms.with(where, key, value.text());
            }
        }
        return limits(path, device, terms);
    }

    private ServiceTerms limits(String path, YamlNode.Mapping device, ServiceTerms terms) {
        YamlNode node = device.entries().get(LIMITS);
        if (node == null) {
            return terms;
        }
        ServiceTerms limited = terms;
        String below = path + "." + LIMITS;
        var limits = mapping(below, node, "limits as name: value");
        for (String limit : limits.entries().keySet()) {
            var value = scalar(below, limits, limit, "a value");
            String where = YamlReader.place(fileName, value.line()) + ": " + below + ".";
            limited = limited.withLimit(where, limit, value.text());
        }
        return limited;
    }

    private int count(String path, YamlNode.Mapping device) {
        if (!device.entries().containsKey("count")) {
            return 1;
        }
        var count = scalar(path, device, "count", "a number");
        String name = YamlReader.place(fileName, count.line()) + ": " + path + ".count";
        return COUNT.parse(name, count.text());
    }

    private Map<String, String> settings(String path, YamlNode.Mapping device) {
        YamlNode node = device.entries().get("set");
        if (node == null) {
            return Map.of();
        }
        var set = mapping(path + ".set", node, "settings as key: value");
        Map<String, String> settings = new LinkedHashMap<>();
        for (String key : set.entries().keySet()) {
            settings.put(key, scalar(path + ".set", set, key, "a value").text());
        }
        return settings;
    }

    private List<String> filters(String path, YamlNode.Mapping device) {
        YamlNode node = device.entries().get(FILTERS);
        if (node == null) {
            return List.of();
        }
        String expected = "a list of filters, as in - delay:read=5ms";
        if (!(node instanceof YamlNode.Sequence list)) {
            throw refuse(
                    node,
                    "%s.%s: %s (expected: %s)".formatted(path, FILTERS, node.what(), expected));
        }
        List<String> filters = new ArrayList<>();
        for (YamlNode item : list.items()) {
            if (!(item instanceof YamlNode.Scalar scalar)) {
                throw refuse(
                        item,
                        "%s.%s[%d]: %s (expected: a filter, as in delay:read=5ms)"
                                .formatted(path, FILTERS, filters.size(), item.what()));
            }
            filters.add(scalar.text());
        }
        return filters;
    }

    private YamlNode.Mapping mapping(String path, YamlNode node, String expected) {
        if (node instanceof YamlNode.Mapping mapping) {
            return mapping;
        }
        String what = path.isEmpty() ? "" : path + ": ";
        throw refuse(node, what + node.what() + " (expected: " + expected + ")");
    }

    private String text(String path, YamlNode.Mapping device, String key, String expected) {
        var scalar = scalar(path, device, key, expected);
        if (scalar.text().isEmpty()) {
            throw refuse(scalar, "%s.%s: nothing (expected: %s)".formatted(path, key, expected));
        }
        return scalar.text();
    }

    private YamlNode.Scalar scalar(
            String path, YamlNode.Mapping mapping, String key, String expected) {
        YamlNode node = required(path + ".", mapping, key, expected);
        if (node instanceof YamlNode.Scalar scalar) {
            return scalar;
        }
        throw refuse(
                node,
                "%s.%s: %s (expected: %s)".formatted(path, Quoted.of(key), node.what(), expected));
    }

    private YamlNode required(
            String prefix, YamlNode.Mapping mapping, String key, String expected) {
        YamlNode node = mapping.entries().get(key);
        if (node == null) {
            throw refuse(mapping, "%s%s: missing (expected: %s)".formatted(prefix, key, expected));
        }
        return node;
    }

    private void checkKeys(String prefix, YamlNode.Mapping mapping, List<String> known) {
        mapping.entries()
                .forEach((key, node) -> {
                    if (!known.contains(key)) {
                        throw refuse(
                                node,
                                "%s%s: unknown key (expected: %s%s)"
                                        .formatted(
                                                prefix,
                                                Quoted.of(key),
                                                String.join(", ", known),
                                                Suggestion.clause(key, known)));
                    }
                });
    }

    private UsageException refuse(YamlNode node, String message) {
        return new UsageException(YamlReader.place(fileName, node.line()) + ": " + message);
    }
}
