package io.vfiouser.cli.text;

import java.io.StringWriter;
import java.util.function.Consumer;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/// One JSON value on one line, as every `--json` prints it. Fields keep their names and meanings
/// from version to version; more may come.
public final class JsonText {
    private JsonText() {}

    /// The text of an object.
    ///
    /// @param fields writes its fields
    public static String object(Consumer<JsonGenerator> fields) {
        return value(json -> object(json, fields));
    }

    /// The text of any value.
    ///
    /// @param write writes it
    public static String value(Consumer<JsonGenerator> write) {
        var text = new StringWriter();
        try (var json = new JsonFactory().createGenerator(ObjectWriteContext.empty(), text)) {
            write.accept(json);
        }
        return text.toString();
    }

    /// A field that is an array.
    ///
    /// @param element writes one of them
    public static <T> void array(
            JsonGenerator json, String name, Iterable<T> elements, Consumer<T> element) {
        json.writeArrayPropertyStart(name);
        elements.forEach(element);
        json.writeEndArray();
    }

    /// An object within an array.
    ///
    /// @param fields writes its fields
    public static void object(JsonGenerator json, Consumer<JsonGenerator> fields) {
        json.writeStartObject();
        fields.accept(json);
        json.writeEndObject();
    }
}
