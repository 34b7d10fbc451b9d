package io.vfiouser.trace;

import io.vfiouser.os.Errno;
import io.vfiouser.protocol.Command.Direction;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// One message in words. Its text is one line, such as `12.345678 gpio0 <- REGION_WRITE BAR2 OUT
/// 0xa5 (1 byte)`; the components are for those who show or filter it in other ways.
///
/// @param sinceStart how long after the first message of the trace
/// @param device whose message it is
/// @param session counts the clients of the device, from 1
/// @param direction which way it went: `<-` in the text is to the device
/// @param twin whether it went over the second socket
/// @param command its name without `VFIO_USER_`, or `command 99`
/// @param messageId ties a reply to its command
/// @param reply whether it is a reply
/// @param noReply whether it is a command that wants no reply
/// @param error what an error reply says
/// @param access what a region access or its reply is about
/// @param details the other fields, such as `address=0x100000 size=0x1000`; may be empty
/// @param descriptors what travelled with it
/// @param took of a reply: how long after its command; empty if that was not seen
public record TraceEntry(
        Duration sinceStart,
        String device,
        long session,
        Direction direction,
        boolean twin,
        String command,
        int messageId,
        boolean reply,
        boolean noReply,
        Optional<Errno> error,
        Optional<Access> access,
        String details,
        List<SentDescriptor> descriptors,
        Optional<Duration> took) {
    /// A read or write of a region.
    ///
    /// @param region such as `BAR2` or `config`
    /// @param offset within the region, unsigned
    /// @param register such as `OUT`; empty if the place has no name
    /// @param count bytes
    /// @param value the data in hex, the first 8 bytes as one little-endian number; empty where the
    ///   message has none
    public record Access(
            String region,
            long offset,
            Optional<String> register,
            long count,
            Optional<String> value) {
        /// Such as `BAR2 OUT 0xa5 (1 byte)`, `BAR0+0x40 (512 bytes)`.
        @Override
        public String toString() {
            String place =
                    register.map(name -> region + " " + name)
                            .orElseGet(() -> region + "+0x" + Long.toHexString(offset));
            return place
                    + value.map(hex -> " " + hex).orElse("")
                    + (count == 1 ? " (1 byte)" : " (" + count + " bytes)");
        }
    }

    @Override
    public String toString() {
        var line = new StringBuilder(96);
        line.append(seconds(sinceStart)).append(' ').append(device);
        line.append(direction == Direction.CLIENT_TO_SERVER ? " <- " : " -> ");
        line.append(command).append(reply ? " reply" : "");
        error.ifPresent(errno -> line.append(' ').append(errno));
        access.ifPresent(what -> line.append(' ').append(what));
        line.append(details.isEmpty() ? "" : " ").append(details);
        if (!descriptors.isEmpty()) {
            line.append(' ').append(descriptors);
        }
        line.append(noReply ? " no-reply" : "").append(twin ? " twin" : "");
        took.ifPresent(time -> line.append(" after ").append(micros(time)));
        return line.toString();
    }

    static String seconds(Duration time) {
        return String.format(Locale.ROOT, "%.6f", time.toNanos() / 1e9);
    }

    private static String micros(Duration time) {
        return String.format(Locale.ROOT, "%.0f us", time.toNanos() / 1e3);
    }
}
