package io.vfiouser.devices.nvme.admin;

import io.vfiouser.device.region.LittleEndian;
import io.vfiouser.devices.nvme.spec.Limits;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/// The Identify Controller data structure (NVMe 1.4, figure of that name).
final class IdentifyController {
    private static final int VERSION = 0x0001_0400;
    private static final int IO_CONTROLLER = 1;

    // Optional asynchronous events: namespace attributes changed.
    private static final int OAES = 1 << 8;

    // Controller attributes: 128-bit host identifiers.
    private static final int CTRATT = 1;

    // Optional admin commands: Format NVM, Doorbell Buffer Config.
    private static final int OACS_FORMAT = 1 << 1;
    private static final int OACS_DOORBELL_BUFFER = 1 << 8;

    // Optional NVM commands: Compare, Dataset Management, Write Zeroes, Save and Select of
    // features, Timestamp, Verify.
    private static final int ONCS = 1 | 1 << 2 | 1 << 3 | 1 << 4 | 1 << 6 | 1 << 7;

    // One firmware slot, read-only.
    private static final int FRMW = 1 | 1 << 1;

    // Log pages: commands supported, offsets and lengths beyond 16 bits.
    private static final int LPA = 1 << 1 | 1 << 2;

    // SGLs of any alignment, which may be longer than the data.
    private static final int SGLS = 1 | 1 << 18;

    private static final int VWC_PRESENT = 1;
    private static final int VWC_FLUSH_ALL = 3 << 1;
    private static final int WARNING_KELVIN = 343;
    private static final int CRITICAL_KELVIN = 353;
    private static final int ABORT_LIMIT = 4;
    private static final int KEEP_ALIVE_100_MS = 10;
    private static final int MAX_POWER_10_MW = 2500;

    private IdentifyController() {}

    /// Writes it.
    ///
    /// @param data 4096 bytes, zeroed
    static void write(Identity identity, int namespaces, MemorySegment data) {
        put(data, 0, 2, Identity.VENDOR);
        put(data, 2, 2, Identity.VENDOR);
        text(data, 4, 20, identity.serial());
        text(data, 24, 40, identity.model());
        text(data, 64, 8, Identity.FIRMWARE);
        put(data, 72, 1, 6); // recommended arbitration burst: 64 commands
        put(data, 73, 3, 0x525400); // OUI, locally administered
        put(data, 77, 1, Limits.MAX_TRANSFER_POWER);
        put(data, 80, 4, VERSION);
        put(data, 92, 4, OAES);
        put(data, 96, 4, CTRATT);
        put(data, 111, 1, IO_CONTROLLER);
        put(data, 256, 2, OACS_FORMAT | (identity.shadowDoorbells() ? OACS_DOORBELL_BUFFER : 0));
        put(data, 258, 1, ABORT_LIMIT - 1);
        put(data, 259, 1, Limits.EVENT_REQUESTS - 1);
        put(data, 260, 1, FRMW);
        put(data, 261, 1, LPA);
        put(data, 262, 1, Limits.ERROR_LOG_ENTRIES - 1);
        put(data, 266, 2, WARNING_KELVIN);
        put(data, 268, 2, CRITICAL_KELVIN);
        put(data, 320, 2, KEEP_ALIVE_100_MS);
        put(data, 512, 1, 0x66); // submission queue entries: 64 bytes
        put(data, 513, 1, 0x44); // completion queue entries: 16 bytes
        put(data, 516, 4, namespaces);
        put(data, 520, 2, ONCS);
        put(data, 522, 2, 1); // Compare and Write as a fused pair
        put(data, 525, 1, VWC_FLUSH_ALL | (identity.writeCache() ? VWC_PRESENT : 0));
        put(data, 536, 4, SGLS);
        bytes(data, 768, identity.subsystem());
        put(data, 2048, 2, MAX_POWER_10_MW);
    }

    private static void put(MemorySegment data, long offset, int width, long value) {
        LittleEndian.put(data, offset, width, value);
    }

    private static void text(MemorySegment data, int offset, int width, String value) {
        data.asSlice(offset, width).fill((byte) ' ');
        bytes(data, offset, value);
    }

    private static void bytes(MemorySegment data, int offset, String value) {
        byte[] ascii = value.getBytes(StandardCharsets.US_ASCII);
        MemorySegment.copy(ascii, 0, data, ValueLayout.JAVA_BYTE, offset, ascii.length);
    }
}
