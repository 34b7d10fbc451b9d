package io.vfiouser.nvme;

import java.util.Map;

/// Status values in the words of the specification (NVMe 1.4: "Status Field Definition").
public final class NvmeStatus {
    private static final int CODE = 0x7ff;
    private static final int DO_NOT_RETRY = 1 << 14;
    private static final String[] TYPES = {
        "generic", "command specific", "media and data integrity", "path related"
    };
    private static final int VENDOR_TYPE = 7;

    private static final Map<Integer, String> NAMES =
            Map.ofEntries(
                    Map.entry(0x000, "Successful Completion"),
                    Map.entry(0x001, "Invalid Command Opcode"),
                    Map.entry(0x002, "Invalid Field in Command"),
                    Map.entry(0x003, "Command ID Conflict"),
                    Map.entry(0x004, "Data Transfer Error"),
                    Map.entry(0x005, "Commands Aborted due to Power Loss Notification"),
                    Map.entry(0x006, "Internal Error"),
                    Map.entry(0x007, "Command Abort Requested"),
                    Map.entry(0x008, "Command Aborted due to SQ Deletion"),
                    Map.entry(0x009, "Command Aborted due to Failed Fused Command"),
                    Map.entry(0x00a, "Command Aborted due to Missing Fused Command"),
                    Map.entry(0x00b, "Invalid Namespace or Format"),
                    Map.entry(0x00c, "Command Sequence Error"),
                    Map.entry(0x00d, "Invalid SGL Segment Descriptor"),
                    Map.entry(0x00e, "Invalid Number of SGL Descriptors"),
                    Map.entry(0x00f, "Data SGL Length Invalid"),
                    Map.entry(0x010, "Metadata SGL Length Invalid"),
                    Map.entry(0x011, "SGL Descriptor Type Invalid"),
                    Map.entry(0x012, "Invalid Use of Controller Memory Buffer"),
                    Map.entry(0x013, "PRP Offset Invalid"),
                    Map.entry(0x014, "Atomic Write Unit Exceeded"),
                    Map.entry(0x015, "Operation Denied"),
                    Map.entry(0x016, "SGL Offset Invalid"),
                    Map.entry(0x018, "Host Identifier Inconsistent Format"),
                    Map.entry(0x019, "Keep Alive Timer Expired"),
                    Map.entry(0x01a, "Keep Alive Timeout Invalid"),
                    Map.entry(0x01b, "Command Aborted due to Preempt and Abort"),
                    Map.entry(0x01c, "Sanitize Failed"),
                    Map.entry(0x01d, "Sanitize In Progress"),
                    Map.entry(0x01e, "SGL Data Block Granularity Invalid"),
                    Map.entry(0x01f, "Command Not Supported for Queue in CMB"),
                    Map.entry(0x020, "Namespace is Write Protected"),
                    Map.entry(0x021, "Command Interrupted"),
                    Map.entry(0x022, "Transient Transport Error"),
                    Map.entry(0x080, "LBA Out of Range"),
                    Map.entry(0x081, "Capacity Exceeded"),
                    Map.entry(0x082, "Namespace Not Ready"),
                    Map.entry(0x083, "Reservation Conflict"),
                    Map.entry(0x084, "Format In Progress"),
                    Map.entry(0x100, "Completion Queue Invalid"),
                    Map.entry(0x101, "Invalid Queue Identifier"),
                    Map.entry(0x102, "Invalid Queue Size"),
                    Map.entry(0x103, "Abort Command Limit Exceeded"),
                    Map.entry(0x105, "Asynchronous Event Request Limit Exceeded"),
                    Map.entry(0x106, "Invalid Firmware Slot"),
                    Map.entry(0x107, "Invalid Firmware Image"),
                    Map.entry(0x108, "Invalid Interrupt Vector"),
                    Map.entry(0x109, "Invalid Log Page"),
                    Map.entry(0x10a, "Invalid Format"),
                    Map.entry(0x10c, "Invalid Queue Deletion"),
                    Map.entry(0x10d, "Feature Identifier Not Saveable"),
                    Map.entry(0x10e, "Feature Not Changeable"),
                    Map.entry(0x10f, "Feature Not Namespace Specific"),
                    Map.entry(0x115, "Namespace Insufficient Capacity"),
                    Map.entry(0x116, "Namespace Identifier Unavailable"),
                    Map.entry(0x118, "Namespace Already Attached"),
                    Map.entry(0x11a, "Namespace Not Attached"),
                    Map.entry(0x180, "Conflicting Attributes"),
                    Map.entry(0x181, "Invalid Protection Information"),
                    Map.entry(0x182, "Attempted Write to Read Only Range"),
                    Map.entry(0x280, "Write Fault"),
                    Map.entry(0x281, "Unrecovered Read Error"),
                    Map.entry(0x282, "End-to-end Guard Check Error"),
                    Map.entry(0x283, "End-to-end Application Tag Check Error"),
                    Map.entry(0x284, "End-to-end Reference Tag Check Error"),
                    Map.entry(0x285, "Compare Failure"),
                    Map.entry(0x286, "Access Denied"),
                    Map.entry(0x287, "Deallocated or Unwritten Logical Block"));

    private NvmeStatus() {}

    /// The words for a status, such as `LBA Out of Range (0x080, do not retry)`.
    ///
    /// @param status as a completion has it, without the phase
    public static String text(int status) {
        int code = status & CODE;
        String name = NAMES.get(code);
        return "%s (0x%03x%s)"
                .formatted(
                        name == null ? type(code >>> Byte.SIZE) + " status" : name,
                        code,
                        (status & DO_NOT_RETRY) == 0 ? "" : ", do not retry");
    }

    private static String type(int type) {
        if (type < TYPES.length) {
            return TYPES[type];
        }
        return type == VENDOR_TYPE ? "vendor specific" : "reserved";
    }
}
