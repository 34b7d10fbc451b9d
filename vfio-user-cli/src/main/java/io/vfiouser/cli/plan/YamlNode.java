package io.vfiouser.cli.plan;

import io.vfiouser.cli.text.Quoted;
import java.util.List;
import java.util.Map;

/// A piece of a YAML document that knows its line.
sealed interface YamlNode {
    /// The line, from 1.
    int line();

    /// What it is, for error messages.
    String what();

    /// A value as it is written, whatever YAML takes it for; empty if there is none.
    record Scalar(int line, String text) implements YamlNode {
        @Override
        public String what() {
            return text.isEmpty() ? "nothing" : Quoted.of(text);
        }
    }

    /// Items in order.
    record Sequence(int line, List<YamlNode> items) implements YamlNode {
        @Override
        public String what() {
            return "a list";
        }
    }

    /// Values by key, in order; no key twice.
    record Mapping(int line, Map<String, YamlNode> entries) implements YamlNode {
        @Override
        public String what() {
            return "keys with values";
        }
    }
}
