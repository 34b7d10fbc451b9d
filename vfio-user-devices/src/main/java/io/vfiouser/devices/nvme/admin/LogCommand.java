package io.vfiouser.devices.nvme.admin;

import io.vfiouser.device.region.LittleEndian;
import io.vfiouser.devices.nvme.engine.Command;
import io.vfiouser.devices.nvme.engine.Engine;
import io.vfiouser.devices.nvme.log.ErrorLog;
import io.vfiouser.devices.nvme.log.Health;
import io.vfiouser.devices.nvme.namespace.Namespaces;
import io.vfiouser.devices.nvme.queue.SubmissionEntry;
import io.vfiouser.devices.nvme.spec.FeatureId;
import io.vfiouser.devices.nvme.spec.Limits;
import io.vfiouser.devices.nvme.spec.LogPageId;
import io.vfiouser.devices.nvme.spec.Status;
import io.vfiouser.os.NativeMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/// Get Log Page (NVMe 1.4: "Get Log Page command"). What lies behind the end of a page reads as
/// zeros.
final class LogCommand {
    private static final int RETAIN_EVENT = 1 << 15;
    private static final int TEMPERATURE_WARNING = 1 << 1;
    private static final int SMALL_PAGE = 512;
    private static final int LARGE_PAGE = 4096;

    private final AdminContext context;
    private final Engine engine;
    private final Replies replies;
    private final Features features;
    private final AsyncEvents events;

    LogCommand(AdminContext context, Replies replies, Features features, AsyncEvents events) {
        this.context = context;
        this.engine = context.engine();
        this.replies = replies;
        this.features = features;
        this.events = events;
    }

    void handle(Command command) {
        SubmissionEntry entry = command.entry();
        int id = entry.cdw10() & 0xff;
        long offset = entry.cdw12And13();
        long length = length(entry);
        int pageSize = size(id);
        if (pageSize == 0) {
            engine.finish(command, Status.INVALID_LOG_PAGE);
            return;
        }
        boolean outside = Long.compareUnsigned(offset, pageSize) > 0;
        if ((offset & 3) != 0 || outside || length > Limits.MAX_TRANSFER) {
            engine.finish(command, Status.INVALID_FIELD);
            return;
        }
        if (id == LogPageId.SMART && !isWholeController(entry.namespaceId())) {
            engine.finish(command, Status.INVALID_FIELD);
            return;
        }
        MemorySegment page = NativeMemory.allocate(pageSize);
        write(id, page);
        MemorySegment data = NativeMemory.allocate(length);
        long count = Math.min(length, pageSize - offset);
        MemorySegment.copy(page, offset, data, 0, count);
        boolean retains = (entry.cdw10() & RETAIN_EVENT) != 0;
        replies.send(command, data);
        if (!retains) {
            events.logRead(id);
        }
    }

    private void write(int id, MemorySegment page) {
        switch (id) {
            case LogPageId.ERROR_INFORMATION -> context.errors().write(page);
            case LogPageId.SMART -> writeHealth(page);
            case LogPageId.FIRMWARE_SLOT -> writeFirmware(page);
            case LogPageId.CHANGED_NAMESPACES -> writeChanged(page);
            default -> CommandEffects.write(context.controller().identity(), page);
        }
    }

    private void writeHealth(MemorySegment page) {
        context.health().write(page, context.errors().count(), anyReadOnly());
        int over = features.value(FeatureId.TEMPERATURE_THRESHOLD);
        if (Health.TEMPERATURE >= over || Health.TEMPERATURE <= features.underTemperature()) {
            int warnings = page.get(ValueLayout.JAVA_BYTE, 0) | TEMPERATURE_WARNING;
            page.set(ValueLayout.JAVA_BYTE, 0, (byte) warnings);
        }
    }

    private boolean anyReadOnly() {
        Namespaces namespaces = context.namespaces();
        for (int i = 0; i < namespaces.count(); i++) {
            if (namespaces.at(i).properties().readOnly()) {
                return true;
            }
        }
        return false;
    }

    private static void writeFirmware(MemorySegment page) {
        LittleEndian.put(page, 0, 1, 1); // slot 1 is active
        byte[] revision = Identity.FIRMWARE.getBytes(StandardCharsets.US_ASCII);
        MemorySegment.copy(revision, 0, page, ValueLayout.JAVA_BYTE, 8, revision.length);
    }

    private void writeChanged(MemorySegment page) {
        long at = 0;
        for (int id : events.changedNamespaces().stream().toArray()) {
            LittleEndian.put(page, at, Integer.BYTES, id);
            at += Integer.BYTES;
        }
    }

    private static int size(int id) {
        return switch (id) {
            case LogPageId.ERROR_INFORMATION -> Limits.ERROR_LOG_ENTRIES * ErrorLog.ENTRY_SIZE;
            case LogPageId.SMART, LogPageId.FIRMWARE_SLOT -> SMALL_PAGE;
            case LogPageId.CHANGED_NAMESPACES, LogPageId.COMMANDS_SUPPORTED -> LARGE_PAGE;
            default -> 0;
        };
    }

    /// Bytes that the host wants; it counts dwords, from 0.
    private static long length(SubmissionEntry entry) {
        long dwords = entry.cdw10() >>> 16 | (entry.cdw11() & 0xffffL) << 16;
        return (dwords + 1) * Integer.BYTES;
    }

    private static boolean isWholeController(int namespace) {
        return namespace == 0 || namespace == Limits.BROADCAST_NAMESPACE;
    }
}
