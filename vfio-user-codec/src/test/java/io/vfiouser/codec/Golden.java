package io.vfiouser.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vfiouser.os.Errno;
import io.vfiouser.protocol.Capabilities;
import io.vfiouser.protocol.Command;
import io.vfiouser.protocol.DeviceFeature;
import io.vfiouser.protocol.DeviceGetInfo;
import io.vfiouser.protocol.DeviceGetRegionInfo;
import io.vfiouser.protocol.DeviceSetIrqs;
import io.vfiouser.protocol.DmaFlags;
import io.vfiouser.protocol.DmaMap;
import io.vfiouser.protocol.DmaRead;
import io.vfiouser.protocol.EmptyReply;
import io.vfiouser.protocol.ErrorReply;
import io.vfiouser.protocol.Feature;
import io.vfiouser.protocol.FeatureFlags;
import io.vfiouser.protocol.IrqAction;
import io.vfiouser.protocol.IrqData;
import io.vfiouser.protocol.Message;
import io.vfiouser.protocol.MigrationState;
import io.vfiouser.protocol.RegionCapability;
import io.vfiouser.protocol.RegionFlags;
import io.vfiouser.protocol.RegionRead;
import io.vfiouser.protocol.RegionWrite;
import io.vfiouser.protocol.Reply;
import io.vfiouser.protocol.Request;
import io.vfiouser.protocol.SparseMmapArea;
import io.vfiouser.protocol.Version;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// A message as bytes and as a value, the truth that decoder and encoder are held against.
record Golden(
        String name, int messageId, Command command, boolean noReply, Message message, String hex) {
    static final List<Golden> ALL =
            List.of(
                    new Golden(
                            "VERSION",
                            0,
                            Command.VERSION,
                            false,
                            new Version(0, 0, Capabilities.DEFAULTS.withMaxMsgFds(16)),
                            """
                            00 00        # message id 0
                            01 00        # command VERSION
                            38 00 00 00  # size 56
                            00 00 00 00  # flags: command
                            00 00 00 00  # error
                            00 00        # major 0
                            00 00        # minor 0
                            7b 22 63 61 70 61 62 69 6c 69 74 69 65 73 22 3a  # {"capabilities":
                            7b 22 6d 61 78 5f 6d 73 67 5f 66 64 73 22 3a     # {"max_msg_fds":
                            31 36 7d 7d  # 16}}
                            00           # NUL
                            """),
                    new Golden(
                            "DMA_MAP",
                            1,
                            Command.DMA_MAP,
                            false,
                            new DmaMap(DmaFlags.READ_WRITE, 0, 0x100000, 0x200000),
                            """
                            01 00        # message id 1
                            02 00        # command DMA_MAP
                            30 00 00 00  # size 48
                            00 00 00 00  # flags: command
                            00 00 00 00  # error
                            20 00 00 00  # argsz 32
                            03 00 00 00  # flags: read, write
                            00 00 00 00 00 00 00 00  # offset 0
                            00 00 10 00 00 00 00 00  # address 0x100000
                            00 00 20 00 00 00 00 00  # size 0x200000
                            """),
                    new Golden(
                            "DMA_MAP reply",
                            1,
                            Command.DMA_MAP,
                            false,
                            EmptyReply.INSTANCE,
                            """
                            01 00        # message id 1
                            02 00        # command DMA_MAP
                            10 00 00 00  # size 16
                            01 00 00 00  # flags: reply
                            00 00 00 00  # error
                            """),
                    new Golden(
                            "DEVICE_GET_INFO",
                            2,
                            Command.DEVICE_GET_INFO,
                            false,
                            new DeviceGetInfo(),
                            """
                            02 00        # message id 2
                            04 00        # command DEVICE_GET_INFO
                            20 00 00 00  # size 32
                            00 00 00 00  # flags: command
                            00 00 00 00  # error
                            10 00 00 00  # argsz 16
                            00 00 00 00  # flags
                            00 00 00 00  # num_regions
                            00 00 00 00  # num_irqs
                            """),
                    new Golden(
                            "DEVICE_GET_INFO reply",
                            2,
                            Command.DEVICE_GET_INFO,
                            false,
                            new DeviceGetInfo.Reply(3, 9, 5),
                            """
                            02 00        # message id 2
                            04 00        # command DEVICE_GET_INFO
                            20 00 00 00  # size 32
                            01 00 00 00  # flags: reply
                            00 00 00 00  # error
                            10 00 00 00  # argsz 16
                            03 00 00 00  # flags: reset, PCI
                            09 00 00 00  # num_regions 9
                            05 00 00 00  # num_irqs 5
                            """),
                    new Golden(
                            "DEVICE_GET_REGION_INFO reply",
                            4,
                            Command.DEVICE_GET_REGION_INFO,
                            false,
                            DeviceGetRegionInfo.Reply.to(
                                    new DeviceGetRegionInfo(64, 0),
                                    RegionFlags.READ_WRITE.with(RegionFlags.MMAP),
                                    0x4000,
                                    0,
                                    List.of(
                                            new RegionCapability.SparseMmap(
                                                    List.of(new SparseMmapArea(0x1000, 0x3000))))),
                            """
                            04 00        # message id 4
                            05 00        # command DEVICE_GET_REGION_INFO
                            50 00 00 00  # size 80
                            01 00 00 00  # flags: reply
                            00 00 00 00  # error
                            40 00 00 00  # argsz 64
                            0f 00 00 00  # flags: read, write, mmap, caps
                            00 00 00 00  # index 0
                            20 00 00 00  # cap_offset 32
                            00 40 00 00 00 00 00 00  # size 0x4000
                            00 00 00 00 00 00 00 00  # offset 0
                            01 00        # capability: sparse mmap
                            01 00        # version 1
                            00 00 00 00  # next: none
                            01 00 00 00  # nr_areas 1
                            00 00 00 00  # reserved
                            00 10 00 00 00 00 00 00  # area offset 0x1000
                            00 30 00 00 00 00 00 00  # area size 0x3000
                            """),
                    new Golden(
                            "REGION_READ",
                            5,
                            Command.REGION_READ,
                            false,
                            new RegionRead(7, 0, 4),
                            """
                            05 00        # message id 5
                            09 00        # command REGION_READ
                            20 00 00 00  # size 32
                            00 00 00 00  # flags: command
                            00 00 00 00  # error
                            00 00 00 00 00 00 00 00  # offset 0
                            07 00 00 00  # region 7, config space
                            04 00 00 00  # count 4
                            """),
                    new Golden(
                            "REGION_READ reply",
                            5,
                            Command.REGION_READ,
                            false,
                            new RegionRead.Reply(7, 0, Hex.buffer("58 4e 01 00")),
                            """
                            05 00        # message id 5
                            09 00        # command REGION_READ
                            24 00 00 00  # size 36
                            01 00 00 00  # flags: reply
                            00 00 00 00  # error
                            00 00 00 00 00 00 00 00  # offset 0
                            07 00 00 00  # region 7
                            04 00 00 00  # count 4
                            58 4e 01 00  # data
                            """),
                    new Golden(
                            "REGION_READ error",
                            5,
                            Command.REGION_READ,
                            false,
                            new ErrorReply(Errno.EINVAL),
                            """
                            05 00        # message id 5
                            09 00        # command REGION_READ
                            10 00 00 00  # size 16
                            21 00 00 00  # flags: reply, error
                            16 00 00 00  # error EINVAL
                            """),
                    new Golden(
                            "REGION_WRITE without reply",
                            6,
                            Command.REGION_WRITE,
                            true,
                            new RegionWrite(0, 0x10, Hex.buffer("ef be ad de")),
                            """
                            06 00        # message id 6
                            0a 00        # command REGION_WRITE
                            24 00 00 00  # size 36
                            10 00 00 00  # flags: command, no reply
                            00 00 00 00  # error
                            10 00 00 00 00 00 00 00  # offset 0x10
                            00 00 00 00  # region 0
                            04 00 00 00  # count 4
                            ef be ad de  # data 0xdeadbeef
                            """),
                    new Golden(
                            "DMA_READ",
                            1,
                            Command.DMA_READ,
                            false,
                            new DmaRead(0x100000, 8),
                            """
                            01 00        # message id 1
                            0b 00        # command DMA_READ
                            20 00 00 00  # size 32
                            00 00 00 00  # flags: command
                            00 00 00 00  # error
                            00 00 10 00 00 00 00 00  # address 0x100000
                            08 00 00 00 00 00 00 00  # count 8
                            """),
                    new Golden(
                            "DMA_READ reply",
                            1,
                            Command.DMA_READ,
                            false,
                            new DmaRead.Reply(0x100000, 8, ascii("ABCDEFGH")),
                            """
                            01 00        # message id 1
                            0b 00        # command DMA_READ
                            28 00 00 00  # size 40
                            01 00 00 00  # flags: reply
                            00 00 00 00  # error
                            00 00 10 00 00 00 00 00  # address 0x100000
                            08 00 00 00 00 00 00 00  # count 8
                            41 42 43 44 45 46 47 48  # data ABCDEFGH
                            """),
                    new Golden(
                            "DMA_READ reply with a narrow count",
                            1,
                            Command.DMA_READ,
                            false,
                            new DmaRead.Reply(0x100000, 0x4443424100000008L, ascii("EFGH\0\0\0\0")),
                            """
                            01 00        # message id 1
                            0b 00        # command DMA_READ
                            28 00 00 00  # size 40
                            01 00 00 00  # flags: reply
                            00 00 00 00  # error
                            00 00 10 00 00 00 00 00  # address 0x100000
                            08 00 00 00  # count 8
                            41 42 43 44 45 46 47 48  # data ABCDEFGH
                            00 00 00 00  # padding
                            """),
                    new Golden(
                            "DEVICE_FEATURE",
                            7,
                            Command.DEVICE_FEATURE,
                            false,
                            new DeviceFeature(
                                    16,
                                    FeatureFlags.set(2),
                                    new Feature.MigDeviceState(MigrationState.STOP_COPY, 0)),
                            """
                            07 00        # message id 7
                            10 00        # command DEVICE_FEATURE
                            20 00 00 00  # size 32
                            00 00 00 00  # flags: command
                            00 00 00 00  # error
                            10 00 00 00  # argsz 16
                            02 00 02 00  # feature 2, MIG_DEVICE_STATE; SET
                            03 00 00 00  # device_state STOP_COPY
                            00 00 00 00  # data_fd
                            """),
                    new Golden(
                            "DEVICE_SET_IRQS",
                            8,
                            Command.DEVICE_SET_IRQS,
                            false,
                            new DeviceSetIrqs(2, 0, 1, IrqAction.TRIGGER, new IrqData.Eventfd()),
                            """
                            08 00        # message id 8
                            08 00        # command DEVICE_SET_IRQS
                            24 00 00 00  # size 36
                            00 00 00 00  # flags: command
                            00 00 00 00  # error
                            14 00 00 00  # argsz 20
                            24 00 00 00  # flags: TRIGGER, EVENTFD
                            02 00 00 00  # index 2, MSI-X
                            00 00 00 00  # start 0
                            01 00 00 00  # count 1
                            """));

    byte[] bytes() {
        return Hex.bytes(hex);
    }

    /// The value read back from `frame` by the function for its kind.
    Message decode(ByteBuf frame) {
        return Decoding.decode(message, command, frame);
    }

    void encodeTo(ByteBuf out) {
        switch (message) {
            case Request request -> MessageEncoder.encode(out, messageId, request, noReply);
            case Reply reply -> MessageEncoder.encode(out, messageId, command.id(), reply);
        }
    }

    @Override
    public String toString() {
        return name;
    }

    private static ByteBuf ascii(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII);
    }
}
