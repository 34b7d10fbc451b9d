package io.vfiouser.filters;

import io.vfiouser.device.region.Register;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Which part of a device a filter is for, as users write it.
///
/// | text | part |
/// |---|---|
/// | `all` | everything but the config space |
/// | `BAR2`, `ROM`, `VGA`, `config` | a region |
/// | `STATUS` | the register of that name, in each region that has one |
/// | `BAR2.STATUS` | the register of that name in that region |
/// | `BAR2+0x10`, `BAR2+0x10/8` | 4 or so many bytes of that region |
///
/// @param text one of these
public record Target(String text) {
    /// How it is written, for error messages.
    public static final String EXPECTED = "all, BAR2, REGISTER, BAR2.REGISTER or BAR2+0x10/4";

    /// Everything but the config space.
    public static final Target ALL = new Target("all");

    private static final Pattern BYTES =
            Pattern.compile("(\\w+)\\+(0[xX])?([0-9a-fA-F]{1,15})(?:/(\\d{1,9}))?");

    /// Checks that there is a text.
    public Target {
        Objects.requireNonNull(text, "text");
        if (text.isEmpty()) {
            throw new IllegalArgumentException("at: nothing (expected: " + EXPECTED + ")");
        }
    }

    /// The part that `text` names; whether a device has it is seen when the filter is put around
    /// it.
    ///
    /// @throws IllegalArgumentException for an empty text
    public static Target parse(String text) {
        return new Target(text);
    }

    /// As it is written.
    @Override
    public String toString() {
        return text;
    }

    /// Checks that one of `regions` has such a part.
    ///
    /// @throws IllegalArgumentException if none has; the message lists what there is
    public void check(List<FilteredRegion> regions) {
        if (regions.stream().noneMatch(region -> in(region).isPresent())) {
            throw new IllegalArgumentException(
                    "at: "
                            + text
                            + " (expected: all, or one of "
                            + String.join(", ", regions.stream().flatMap(Target::names).toList())
                            + ")");
        }
    }

    /// The part's bytes in a region, if it has any there.
    public Optional<ByteRange> in(FilteredRegion region) {
        var whole = Optional.of(new ByteRange(0, region.size()));
        if (text.equals("all")) {
            return region.isConfig() ? Optional.empty() : whole;
        }
        if (text.equals(region.name())) {
            return whole;
        }
        if (text.startsWith(region.name() + ".")) {
            return register(region, text.substring(region.name().length() + 1));
        }
        Matcher bytes = BYTES.matcher(text);
        if (bytes.matches() && bytes.group(1).equals(region.name())) {
            return bytes(bytes, region);
        }
        return region.isConfig() ? Optional.empty() : register(region, text);
    }

    private static Optional<ByteRange> register(FilteredRegion region, String name) {
        return region.register(name).map(found -> new ByteRange(found.offset(), found.end()));
    }

    private static Optional<ByteRange> bytes(Matcher matcher, FilteredRegion region) {
        OptionalLong offset = number(matcher.group(3), matcher.group(2) == null ? 10 : 16);
        String size = matcher.group(4);
        long end = offset.orElse(-1) + (size == null ? 4 : Long.parseLong(size));
        return offset.isPresent() && end > offset.getAsLong() && end <= region.size()
                ? Optional.of(new ByteRange(offset.getAsLong(), end))
                : Optional.empty();
    }

    private static OptionalLong number(String digits, int radix) {
        try {
            return OptionalLong.of(Long.parseLong(digits, radix));
        } catch (NumberFormatException _) {
            return OptionalLong.empty();
        }
    }

    private static Stream<String> names(FilteredRegion region) {
        if (region.isConfig()) {
            return Stream.of(region.name());
        }
        return Stream.concat(
                Stream.of(region.name()),
                region.registers().stream()
                        .map(Register::name)
                        .map(name -> region.name() + "." + name));
    }
}
