package io.vfiouser.cli.types;

import io.vfiouser.cli.text.ByteSize;
import io.vfiouser.cli.text.Durations;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/// The Java types that a settings record may have, each with its way to write values.
enum SettingKind {
    TEXT("text"),
    INT("a number, for example 64 or 0x40"),
    LONG("a number, for example 65536, 0x10000 or 64K"),
    DOUBLE("a decimal number"),
    BOOLEAN("true or false"),
    ENUM("one of its names"),
    PATH("a path"),
    DURATION("a duration, for example 500us, 20ms or 5s"),
    OWN("as its type says");

    private final String expectation;

    SettingKind(String expectation) {
        this.expectation = expectation;
    }

    /// The kind of a record component's type, if it is one that settings may have.
    static Optional<SettingKind> of(Class<?> type) {
        if (type.isEnum()) {
            return Optional.of(ENUM);
        }
        if (type == String.class) {
            return Optional.of(TEXT);
        } else if (type == int.class) {
            return Optional.of(INT);
        } else if (type == long.class) {
            return Optional.of(LONG);
        } else if (type == double.class) {
            return Optional.of(DOUBLE);
        } else if (type == boolean.class) {
            return Optional.of(BOOLEAN);
        } else if (type == Path.class) {
            return Optional.of(PATH);
        } else if (type == Duration.class) {
            return Optional.of(DURATION);
        }
        return OwnText.isKnownTo(type) ? Optional.of(OWN) : Optional.empty();
    }

    /// What a value of `type` looks like, for the end of an error message.
    String expectation(Class<?> type) {
        return switch (this) {
            case ENUM -> String.join(", ", names(type));
            case OWN -> OwnText.expectation(type);
            default -> expectation;
        };
    }

    /// The value that `text` stands for, or empty if it is none of this kind.
    Optional<Object> parse(Class<?> type, String text) {
        return switch (this) {
            case TEXT -> Optional.of(text);
            case INT ->
                    ByteSize.parse(text).filter(n -> n <= Integer.MAX_VALUE).map(Long::intValue);
            case LONG -> ByteSize.parse(text).map(Long::longValue);
            case DOUBLE -> finite(text);
            case BOOLEAN ->
                    switch (text) {
                        case "true", "yes", "on" -> Optional.of(true);
                        case "false", "no", "off" -> Optional.of(false);
                        default -> Optional.empty();
                    };
            case ENUM ->
                    Arrays.stream(type.getEnumConstants())
                            .filter(constant -> name(constant).equals(text))
                            .findFirst()
                            .map(Object.class::cast);
            case PATH -> path(text);
            case DURATION -> Durations.parse(text).map(Object.class::cast);
            case OWN -> OwnText.parse(type, text);
        };
    }

    /// `value` as [#parse] reads it.
    String format(Object value) {
        return switch (value) {
            case Long number -> ByteSize.format(number);
            case Duration duration -> Durations.format(duration);
            case Enum<?> constant -> name(constant);
            default -> value.toString();
        };
    }

    private static Optional<Object> finite(String text) {
        try {
            return Optional.<Object>of(Double.parseDouble(text))
                    .filter(number -> Double.isFinite((double) number));
        } catch (NumberFormatException _) {
            return Optional.empty();
        }
    }

    private static Optional<Object> path(String text) {
        try {
            return text.isEmpty() ? Optional.empty() : Optional.of(Path.of(text));
        } catch (InvalidPathException _) {
            return Optional.empty();
        }
    }

    private static List<String> names(Class<?> type) {
        return Arrays.stream(type.getEnumConstants())
                .map(SettingKind::name)
                .collect(Collectors.toList());
    }

    private static String name(Object constant) {
        return ((Enum<?>) constant).name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
