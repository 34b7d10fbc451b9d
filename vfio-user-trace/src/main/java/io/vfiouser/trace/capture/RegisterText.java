package io.vfiouser.trace.capture;

import io.vfiouser.device.region.Register;
import io.vfiouser.device.region.Register.Access;
import io.vfiouser.filters.FilteredRegion;
import io.vfiouser.trace.RegisterNames;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// Names of registers as text, a line each: `REGION OFFSET WIDTH NAME`, numbers in decimal.
final class RegisterText {
    private static final int MAX_REGISTERS = 1 << 16;
    private static final int MAX_NAME = 64;

    private RegisterText() {}

    /// As many of the registers as [#read] takes: a packet that is too large for it would make the
    /// whole capture unreadable.
    static String write(RegisterNames names) {
        return names.regions().stream()
                .flatMap(region ->
                        region.registers().stream()
                                .filter(register -> register.name().length() <= MAX_NAME)
                                .map(register ->
                                        "%d %d %d %s"
                                                .formatted(
                                                        region.index(),
                                                        register.offset(),
                                                        register.width(),
                                                        register.name())))
                .limit(MAX_REGISTERS)
                .collect(Collectors.joining("\n"));
    }

    /// Reads what [#write] wrote, and leaves out whatever else is there.
    static RegisterNames read(String text) {
        Map<Integer, List<Register>> regions = new TreeMap<>();
        text.lines()
                .limit(MAX_REGISTERS)
                .map(line -> line.split(" ", 4))
                .filter(RegisterText::isRegister)
                .forEach(words ->
                        regions.computeIfAbsent(Integer.valueOf(words[0]), _ -> new ArrayList<>())
                                .add(register(words)));
        var all = new ArrayList<FilteredRegion>();
        regions.forEach((index, registers) ->
                all.add(
                        FilteredRegion.of(
                                RegisterNames.regionName(index),
                                index,
                                Long.MAX_VALUE,
                                inOrder(registers))));
        return RegisterNames.of(all);
    }

    private static boolean isRegister(String[] words) {
        return words.length == 4
                && words[0].matches("\\d{1,4}")
                && words[1].matches("\\d{1,18}")
                && words[2].matches("[1-9]\\d{0,8}")
                && words[3].length() <= MAX_NAME
                && words[3].matches("\\p{Graph}+");
    }

    private static Register register(String[] words) {
        return new Register(
                Long.parseLong(words[1]), Integer.parseInt(words[2]), words[3], Access.READ_WRITE);
    }

    private static List<Register> inOrder(List<Register> registers) {
        registers.sort(Comparator.comparingLong(Register::offset));
        var apart = new ArrayList<Register>();
        long end = 0;
        for (Register register : registers) {
            if (register.offset() >= end) {
                apart.add(register);
                end = register.end();
            }
        }
        return apart;
    }
}
