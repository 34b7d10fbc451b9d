package io.vfiouser.codec;

import io.netty.buffer.ByteBuf;
import io.vfiouser.protocol.Capabilities;
import io.vfiouser.protocol.Dialect;
import java.io.StringWriter;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;

/// The JSON text of `VERSION`, both ways (spec: "Version Data Format").
///
/// Reading is strict: whole text valid UTF-8 and JSON, no key twice, integers without fraction or
/// exponent, booleans, and each value in its range; unknown keys are skipped. Immutable; any thread
/// may use it.
public final class CapabilitiesJson {
    /// Longest text that is read, in bytes, if nothing else is said.
    public static final int DEFAULT_MAX_LENGTH = 4096;

    /// Deepest nesting that is read, if nothing else is said.
    public static final int DEFAULT_MAX_DEPTH = 16;

    /// A reader with the default limits.
    public static final CapabilitiesJson DEFAULT =
            new CapabilitiesJson(DEFAULT_MAX_LENGTH, DEFAULT_MAX_DEPTH);

    /// A reader of the legacy dialect with the default limits.
    public static final CapabilitiesJson LEGACY = DEFAULT.withDialect(Dialect.LEGACY);

    private static final int MAX_NAME_LENGTH = 256;
    private static final int MAX_NUMBER_LENGTH = 64;
    private static final JsonFactory WRITER = new JsonFactory();

    private final int maxLength;
    private final JsonFactory factory;
    private final Dialect dialect;

    /// A reader with limits of its own.
    ///
    /// @param maxLength longest text in bytes, without its NUL, >= 1
    /// @param maxDepth deepest nesting of objects and arrays, >= 1
    public CapabilitiesJson(int maxLength, int maxDepth) {
        this(maxLength, factory(maxLength, maxDepth), Dialect.CURRENT);
    }

    private CapabilitiesJson(int maxLength, JsonFactory factory, Dialect dialect) {
        this.maxLength = maxLength;
        this.factory = factory;
        this.dialect = Objects.requireNonNull(dialect, "dialect");
    }

    /// A reader of another dialect with the same limits.
    public CapabilitiesJson withDialect(Dialect other) {
        return new CapabilitiesJson(maxLength, factory, other);
    }

    /// Reads the readable bytes of `text`, which end before the NUL. Keys that are missing have
    /// their defaults, and so has a text that is not an object.
    ///
    /// @throws RequestRejectedException with `EINVAL`, naming the key and its value
    public Capabilities read(ByteBuf text) {
        int length = text.readableBytes();
        if (length == 0 || length > maxLength) {
            throw Body.rejected(
                    "capabilities: " + length + " bytes (expected: 1 to " + maxLength + ")");
        }
        String json = decode(text);
        try (JsonParser parser = factory.createParser(ObjectReadContext.empty(), json)) {
            return new CapabilitiesReader(parser, dialect).read();
        } catch (JacksonException e) {
            throw notJson(json, e);
        }
    }

    /// The text for `capabilities`, ASCII without the NUL: only what differs from the defaults.
    public static String write(Capabilities capabilities) {
        var text = new StringWriter();
        try (JsonGenerator json = WRITER.createGenerator(ObjectWriteContext.empty(), text)) {
            json.writeStartObject();
            json.writeObjectPropertyStart(CapabilitiesReader.CAPABILITIES);
            writeLimits(json, capabilities);
            writeMigration(json, capabilities.migration());
            writeTwinSocket(json, capabilities.twinSocket());
            if (capabilities.writeMultiple()) {
                json.writeBooleanProperty(CapabilitiesReader.WRITE_MULTIPLE, true);
            }
            json.writeEndObject();
            json.writeEndObject();
        }
        return text.toString();
    }

    /// The text for `capabilities` in the legacy dialect, ASCII without the NUL: the number of
    /// descriptors, which that dialect calls `max_fds`, and the pages of migration.
    public static String writeLegacy(Capabilities capabilities) {
        var text = new StringWriter();
        try (JsonGenerator json = WRITER.createGenerator(ObjectWriteContext.empty(), text)) {
            json.writeStartObject();
            json.writeObjectPropertyStart(CapabilitiesReader.CAPABILITIES);
            json.writeNumberProperty(CapabilitiesReader.MAX_FDS, capabilities.maxMsgFds());
            if (capabilities.migration().supported()) {
                json.writeObjectPropertyStart(CapabilitiesReader.MIGRATION);
                json.writeNumberProperty(
                        CapabilitiesReader.PGSIZE, capabilities.migration().pageSize());
                json.writeEndObject();
            }
            json.writeEndObject();
            json.writeEndObject();
        }
        return text.toString();
    }

    private static JsonFactory factory(int maxLength, int maxDepth) {
        var constraints =
                StreamReadConstraints.builder()
                        .maxDocumentLength(maxLength)
                        .maxNestingDepth(maxDepth)
                        .maxNumberLength(MAX_NUMBER_LENGTH)
                        .maxStringLength(maxLength)
                        .maxNameLength(MAX_NAME_LENGTH)
                        .build();
        // Names are a peer's choice, so they must not fill tables that outlive the text.
        return JsonFactory.builder()
                .streamReadConstraints(constraints)
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .disable(TokenStreamFactory.Feature.CANONICALIZE_PROPERTY_NAMES)
                .build();
    }

    private static String decode(ByteBuf text) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(text.nioBuffer()).toString();
        } catch (CharacterCodingException _) {
            throw Body.rejected(
                    "capabilities: "
                            + PeerText.quote(text.toString(StandardCharsets.ISO_8859_1))
                            + " (expected: UTF-8)");
        }
    }

    private static RequestRejectedException notJson(String json, JacksonException e) {
        // A limit that is exceeded has no location.
        String place =
                Optional.ofNullable(e.getLocation())
                        .map(location -> "; broken at character " + location.getCharOffset())
                        .orElse("");
        return Body.rejected(
                "capabilities: "
                        + PeerText.quote(json)
                        + " (expected: JSON without repeated keys, nested within"
                        + " maxCapabilitiesDepth"
                        + place
                        + ")");
    }

    private static void writeLimits(JsonGenerator json, Capabilities capabilities) {
        Capabilities defaults = Capabilities.DEFAULTS;
        if (capabilities.maxMsgFds() != defaults.maxMsgFds()) {
            json.writeNumberProperty(CapabilitiesReader.MAX_MSG_FDS, capabilities.maxMsgFds());
        }
        if (capabilities.maxDataXferSize() != defaults.maxDataXferSize()) {
            json.writeNumberProperty(
                    CapabilitiesReader.MAX_DATA_XFER_SIZE, capabilities.maxDataXferSize());
        }
        if (capabilities.maxDmaMaps() != defaults.maxDmaMaps()) {
            json.writeNumberProperty(CapabilitiesReader.MAX_DMA_MAPS, capabilities.maxDmaMaps());
        }
        if (capabilities.pageSizes() != defaults.pageSizes()) {
            json.writeNumberProperty(CapabilitiesReader.PGSIZES, capabilities.pageSizes());
        }
    }

    private static void writeMigration(JsonGenerator json, Capabilities.Migration migration) {
        if (migration.supported()) {
            json.writeObjectPropertyStart(CapabilitiesReader.MIGRATION);
            json.writeNumberProperty(CapabilitiesReader.PGSIZE, migration.pageSize());
            if (migration.maxBitmapSize() != Capabilities.Migration.NONE.maxBitmapSize()) {
                json.writeNumberProperty(
                        CapabilitiesReader.MAX_BITMAP_SIZE, migration.maxBitmapSize());
            }
            json.writeEndObject();
        }
    }

    private static void writeTwinSocket(JsonGenerator json, Capabilities.TwinSocket twinSocket) {
        if (twinSocket.supported()) {
            json.writeObjectPropertyStart(CapabilitiesReader.TWIN_SOCKET);
            json.writeBooleanProperty(CapabilitiesReader.SUPPORTED, true);
            if (twinSocket.fdIndex() != Capabilities.TwinSocket.NO_FD) {
                json.writeNumberProperty(CapabilitiesReader.FD_INDEX, twinSocket.fdIndex());
            }
            json.writeEndObject();
        }
    }
}
