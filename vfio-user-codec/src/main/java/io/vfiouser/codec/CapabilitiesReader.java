package io.vfiouser.codec;

import io.vfiouser.protocol.Capabilities;
import io.vfiouser.protocol.Dialect;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// Reads one text of `VERSION`, token by token.
final class CapabilitiesReader {
    static final String CAPABILITIES = "capabilities";
    static final String MAX_MSG_FDS = "max_msg_fds";
    static final String MAX_FDS = "max_fds";
    static final String MAX_DATA_XFER_SIZE = "max_data_xfer_size";
    static final String MAX_DMA_MAPS = "max_dma_maps";
    static final String PGSIZES = "pgsizes";
    static final String MIGRATION = "migration";
    static final String PGSIZE = "pgsize";
    static final String MAX_BITMAP_SIZE = "max_bitmap_size";
    static final String TWIN_SOCKET = "twin_socket";
    static final String SUPPORTED = "supported";
    static final String FD_INDEX = "fd_index";
    static final String WRITE_MULTIPLE = "write_multiple";

    /// What the reference server accepts.
    private static final int MAX_MAX_MSG_FDS = 1024;

    private final JsonParser parser;
    private final Dialect dialect;
    private Capabilities capabilities = Capabilities.DEFAULTS;

    CapabilitiesReader(JsonParser parser, Dialect dialect) {
        this.parser = parser;
        this.dialect = dialect;
    }

    Capabilities read() {
        JsonToken first = parser.nextToken();
        if (first == null) {
            throw Body.rejected("capabilities: only white space (expected: JSON)");
        }
        if (first == JsonToken.START_OBJECT) {
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                readTopLevel(parser.currentName());
            }
        } else {
            parser.skipChildren();
        }
        if (parser.nextToken() != null) {
            throw unexpected("capabilities", "nothing after the object");
        }
        return capabilities;
    }

    private void readTopLevel(String key) {
        parser.nextToken();
        if (!key.equals(CAPABILITIES)) {
            parser.skipChildren();
            return;
        }
        requireObject(key);
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = parser.currentName();
            parser.nextToken();
            switch (dialect) {
                case CURRENT -> readCapability(name);
                case LEGACY -> readLegacyCapability(name);
            }
        }
    }

    /// In the legacy dialect all other keys mean nothing.
    private void readLegacyCapability(String key) {
        switch (key) {
            case MAX_FDS ->
                    capabilities =
                            capabilities.withMaxMsgFds((int) integer(key, 0, MAX_MAX_MSG_FDS));
            case MIGRATION -> capabilities = capabilities.withMigration(readMigration(key));
            default -> parser.skipChildren();
        }
    }

    private void readCapability(String key) {
        switch (key) {
            case MAX_MSG_FDS ->
                    capabilities =
                            capabilities.withMaxMsgFds((int) integer(key, 0, MAX_MAX_MSG_FDS));
            case MAX_DATA_XFER_SIZE ->
                    capabilities =
                            capabilities.withMaxDataXferSize(
                                    (int) integer(key, 1, Integer.MAX_VALUE));
            case MAX_DMA_MAPS ->
                    capabilities =
                            capabilities.withMaxDmaMaps((int) integer(key, 0, Integer.MAX_VALUE));
            case PGSIZES ->
                    capabilities = capabilities.withPageSizes(integer(key, 1, Long.MAX_VALUE));
            case MIGRATION -> capabilities = capabilities.withMigration(readMigration(key));
            case TWIN_SOCKET -> capabilities = capabilities.withTwinSocket(readTwinSocket(key));
            case WRITE_MULTIPLE -> capabilities = capabilities.withWriteMultiple(bool(key));
            default -> parser.skipChildren();
        }
    }

    private Capabilities.Migration readMigration(String name) {
        requireObject(name);
        long pageSize = Capabilities.Migration.NONE.pageSize();
        long maxBitmapSize = Capabilities.Migration.NONE.maxBitmapSize();
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String key = parser.currentName();
            parser.nextToken();
            switch (key) {
                case PGSIZE -> pageSize = integer(name + "." + key, 1, Long.MAX_VALUE);
                case MAX_BITMAP_SIZE ->
                        maxBitmapSize = integer(name + "." + key, 0, Long.MAX_VALUE);
                default -> parser.skipChildren();
            }
        }
        return new Capabilities.Migration(true, pageSize, maxBitmapSize);
    }

    private Capabilities.TwinSocket readTwinSocket(String name) {
        requireObject(name);
        boolean supported = false;
        int fdIndex = Capabilities.TwinSocket.NO_FD;
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String key = parser.currentName();
            parser.nextToken();
            switch (key) {
                case SUPPORTED -> supported = bool(name + "." + key);
                case FD_INDEX -> fdIndex = (int) integer(name + "." + key, 0, MAX_MAX_MSG_FDS);
                default -> parser.skipChildren();
            }
        }
        return new Capabilities.TwinSocket(supported, fdIndex);
    }

    private long integer(String key, long minimum, long maximum) {
        if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT) {
            throw unexpected(key, "an integer");
        }
        boolean fits = parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER;
        if (!fits || parser.getLongValue() < minimum || parser.getLongValue() > maximum) {
            throw unexpected(key, minimum + " to " + maximum);
        }
        return parser.getLongValue();
    }

    private boolean bool(String key) {
        return switch (parser.currentToken()) {
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            default -> throw unexpected(key, "true or false");
        };
    }

    private void requireObject(String key) {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            throw unexpected(key, "an object");
        }
    }

    private RequestRejectedException unexpected(String key, String expected) {
        return Body.rejected(
                key + ": " + PeerText.quote(parser.getString()) + " (expected: " + expected + ")");
    }
}
