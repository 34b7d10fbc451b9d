package io.vfiouser.cli.plan;

import io.vfiouser.cli.failure.UsageException;
import io.vfiouser.cli.text.Quoted;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.dataformat.yaml.YAMLFactory;
import tools.jackson.dataformat.yaml.YAMLParser;

/// Reads one YAML document into [YamlNode]s: plain mappings, lists and values. Anchors, aliases and
/// second documents are refused.
final class YamlReader {
    private static final int MAX_DEPTH = 16;
    private static final YAMLFactory FACTORY =
            YAMLFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

    private final String fileName;
    private final YAMLParser parser;

    private YamlReader(String fileName, YAMLParser parser) {
        this.fileName = fileName;
        this.parser = parser;
    }

    /// The document.
    ///
    /// @param fileName for messages
    /// @throws UsageException with file and line if `text` is not such a document
    static YamlNode read(String fileName, String text) {
        try (var parser = (YAMLParser) FACTORY.createParser(ObjectReadContext.empty(), text)) {
            return new YamlReader(fileName, parser).document();
        } catch (JacksonException e) {
            throw new UsageException(
                    "%s: not YAML: %s"
                            .formatted(place(fileName, line(e.getLocation())), firstLine(e)),
                    e);
        }
    }

    /// `FILE:LINE`.
    static String place(String fileName, int line) {
        return Quoted.path(fileName) + ":" + line;
    }

    private YamlNode document() {
        JsonToken first = parser.nextToken();
        YamlNode root = first == null ? new YamlNode.Scalar(1, "") : node(first, 0);
        if (parser.nextToken() != null) {
            throw refuse("a second document (expected: one)");
        }
        return root;
    }

    private YamlNode node(JsonToken token, int depth) {
        if (depth > MAX_DEPTH) {
            throw refuse("nested deeper than " + MAX_DEPTH + " (expected: less)");
        }
        if (parser.isCurrentAlias() || parser.getObjectId() != null) {
            throw refuse("an anchor or alias (expected: the value itself)");
        }
        int line = line(parser.currentTokenLocation());
        return switch (token) {
            case START_OBJECT -> new YamlNode.Mapping(line, entries(depth));
            case START_ARRAY -> new YamlNode.Sequence(line, items(depth));
            default -> new YamlNode.Scalar(line, parser.getString());
        };
    }

    private Map<String, YamlNode> entries(int depth) {
        Map<String, YamlNode> entries = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String key = parser.currentName();
            entries.put(key, node(parser.nextToken(), depth + 1));
        }
        return entries;
    }

    private List<YamlNode> items(int depth) {
        List<YamlNode> items = new ArrayList<>();
        for (JsonToken token = parser.nextToken();
                token != JsonToken.END_ARRAY;
                token = parser.nextToken()) {
            items.add(node(token, depth + 1));
        }
        return items;
    }

    private UsageException refuse(String message) {
        return new UsageException(
                place(fileName, line(parser.currentTokenLocation())) + ": " + message);
    }

    private static int line(TokenStreamLocation location) {
        return Math.max(1, location == null ? 1 : location.getLineNr());
    }

    private static String firstLine(JacksonException e) {
        String message = e.getOriginalMessage();
        return message == null
                ? e.getClass().getSimpleName()
                : message.lines().findFirst().orElse("");
    }
}
