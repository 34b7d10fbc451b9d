package io.vfiouser.control;

import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;

/// A call of the API: method, path in pieces, query, body.
record ApiRequest(HttpMethod method, List<String> path, Map<String, String> query, JsonNode body) {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /// @param uri path and query
    /// @param body JSON text, may be empty
    static ApiRequest of(HttpMethod method, String uri, byte[] body) {
        try {
            var decoder = new QueryStringDecoder(uri);
            var query = new HashMap<String, String>();
            decoder.parameters().forEach((key, values) -> query.put(key, values.getLast()));
            List<String> path =
                    Arrays.stream(decoder.rawPath().split("/", -1))
                            .map(QueryStringDecoder::decodeComponent)
                            .toList();
            return new ApiRequest(method, path.subList(1, path.size()), query, json(body));
        } catch (IllegalArgumentException e) {
            throw new ApiException(HttpResponseStatus.BAD_REQUEST, "uri: " + e.getMessage());
        }
    }

    private static JsonNode json(byte[] body) {
        if (body.length == 0) {
            return JsonNodeFactory.instance.objectNode();
        }
        JsonNode node;
        try {
            node = JSON.readTree(body);
        } catch (JacksonException e) {
            throw bad("body: " + e.getOriginalMessage());
        }
        if (!node.isObject()) {
            throw bad("body: " + node.getNodeType() + " (expected: a JSON object)");
        }
        return node;
    }

    /// A text of the body that must be there.
    String text(String key) {
        return optionalText(key)
                .orElseThrow(() -> bad(key + ": missing (expected: a text in the body)"));
    }

    Optional<String> optionalText(String key) {
        JsonNode value = body.get(key);
        if (value == null || value.isNull()) {
            return Optional.empty();
        }
        if (!value.isString()) {
            throw bad(key + ": " + value + " (expected: a text)");
        }
        return Optional.of(value.stringValue());
    }

    int number(String key, int fallback) {
        JsonNode value = body.get(key);
        if (value == null || value.isNull()) {
            return fallback;
        }
        if (!value.isInt()) {
            throw bad(key + ": " + value + " (expected: a number)");
        }
        return value.intValue();
    }

    boolean flag(String key) {
        JsonNode value = body.get(key);
        if (value == null || !value.isBoolean()) {
            throw bad(key + ": " + value + " (expected: true or false)");
        }
        return value.booleanValue();
    }

    /// Texts by key, of an object in the body that may be missing.
    Map<String, String> texts(String key) {
        var texts = new HashMap<String, String>();
        JsonNode object = body.get(key);
        if (object == null || object.isNull()) {
            return texts;
        }
        if (!object.isObject() || !object.valueStream().allMatch(JsonNode::isValueNode)) {
            throw bad(key + ": " + object.getNodeType() + " (expected: an object of texts)");
        }
        object.properties()
                .forEach(entry -> texts.put(entry.getKey(), entry.getValue().asString()));
        return texts;
    }

    static ApiException bad(String message) {
        return new ApiException(HttpResponseStatus.BAD_REQUEST, message);
    }
}
