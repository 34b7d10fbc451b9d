package io.vfiouser.cli.types;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Optional;

/// Types of settings that say themselves how they are written: with `public static T parse(String)`
/// and `public static final String EXPECTED`.
final class OwnText {
    private OwnText() {}

    /// Whether a type is one of them.
    static boolean isKnownTo(Class<?> type) {
        try {
            return type.getMethod("parse", String.class).getReturnType() == type
                    && type.getField("EXPECTED").getType() == String.class;
        } catch (NoSuchMethodException | NoSuchFieldException _) {
            return false;
        }
    }

    /// How a value is written.
    static String expectation(Class<?> type) {
        try {
            return String.valueOf(type.getField("EXPECTED").get(null));
        } catch (ReflectiveOperationException e) {
            throw unusable(type, e);
        }
    }

    /// The value that `text` stands for, or empty if it is none.
    static Optional<Object> parse(Class<?> type, String text) {
        try {
            Method parse = type.getMethod("parse", String.class);
            return Optional.of(parse.invoke(null, text));
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof IllegalArgumentException) {
                return Optional.empty();
            }
            throw new IllegalStateException(type.getName() + ": its parse method threw", e);
        } catch (ReflectiveOperationException e) {
            throw unusable(type, e);
        }
    }

    private static IllegalArgumentException unusable(
            Class<?> type, ReflectiveOperationException e) {
        return new IllegalArgumentException(
                type.getName()
                        + " (expected: a public type with static parse(String) and EXPECTED)",
                e);
    }
}
