package io.vfiouser.cli.trace;

import io.vfiouser.cli.text.JsonText;
import io.vfiouser.os.Errno;
import io.vfiouser.protocol.Command.Direction;
import io.vfiouser.trace.SentDescriptor;
import io.vfiouser.trace.TraceEntry;
import tools.jackson.core.JsonGenerator;

/// A message as one line of JSON.
final class TraceJson {
    private TraceJson() {}

    /// The line, without its end.
    static String line(TraceEntry entry) {
        return JsonText.object(json -> {
            json.writeNumberProperty("nanos", entry.sinceStart().toNanos());
            json.writeStringProperty("device", entry.device());
            json.writeNumberProperty("session", entry.session());
            boolean toDevice = entry.direction() == Direction.CLIENT_TO_SERVER;
            json.writeStringProperty("direction", toDevice ? "toDevice" : "fromDevice");
            json.writeBooleanProperty("twin", entry.twin());
            json.writeStringProperty("command", entry.command());
            json.writeNumberProperty("id", entry.messageId());
            json.writeBooleanProperty("reply", entry.reply());
            json.writeBooleanProperty("noReply", entry.noReply());
            entry.error().map(Errno::toString).ifPresent(e -> json.writeStringProperty("error", e));
            entry.access().ifPresent(access -> write(json, access));
            if (!entry.details().isEmpty()) {
                json.writeStringProperty("details", entry.details());
            }
            if (!entry.descriptors().isEmpty()) {
                json.writeArrayPropertyStart("descriptors");
                for (SentDescriptor descriptor : entry.descriptors()) {
                    json.writeString(descriptor.toString());
                }
                json.writeEndArray();
            }
            entry.took().ifPresent(took -> json.writeNumberProperty("tookNanos", took.toNanos()));
        });
    }

    private static void write(JsonGenerator json, TraceEntry.Access access) {
        json.writeStringProperty("region", access.region());
        json.writeStringProperty("offset", "0x" + Long.toHexString(access.offset()));
        access.register().ifPresent(name -> json.writeStringProperty("register", name));
        json.writeNumberProperty("count", access.count());
        access.value().ifPresent(value -> json.writeStringProperty("value", value));
    }
}
