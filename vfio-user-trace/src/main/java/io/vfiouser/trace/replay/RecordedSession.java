package io.vfiouser.trace.replay;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vfiouser.codec.MessageDecoder;
import io.vfiouser.codec.ProtocolViolationException;
import io.vfiouser.codec.RequestRejectedException;
import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.os.Errno;
import io.vfiouser.protocol.ClientRequest;
import io.vfiouser.protocol.Command;
import io.vfiouser.protocol.Command.Direction;
import io.vfiouser.protocol.DeviceGetIrqInfo;
import io.vfiouser.protocol.DeviceGetRegionInfo;
import io.vfiouser.protocol.DeviceReset;
import io.vfiouser.protocol.DeviceSetIrqs;
import io.vfiouser.protocol.Dialect;
import io.vfiouser.protocol.DmaMap;
import io.vfiouser.protocol.DmaWrite;
import io.vfiouser.protocol.ErrorReply;
import io.vfiouser.protocol.IrqAction;
import io.vfiouser.protocol.MessageHeader;
import io.vfiouser.protocol.RegionRead;
import io.vfiouser.protocol.RegionWrite;
import io.vfiouser.protocol.RegionWriteMulti;
import io.vfiouser.protocol.ServerReply;
import io.vfiouser.protocol.WireFormat;
import io.vfiouser.trace.RegisterNames;
import io.vfiouser.trace.TracedMessage;
import io.vfiouser.trace.capture.CaptureRecord;
import io.vfiouser.trace.replay.RecordedStep.Place;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What one recorded client and its device did, taken out of the messages that they exchanged.
///
/// @param device its name in the recording
/// @param session counts its clients, from 1
/// @param names of its registers
/// @param regions what the device said of each region that it was asked about, by index
/// @param irqCounts how many interrupts it said there are of each type that it was asked about; of
///   others, how many the client set up
/// @param unmasks whether the client unmasked INTx, as those do that take it for a level
/// @param steps in the order of the recording; an access stands where its command does
record RecordedSession(
        String device,
        long session,
        RegisterNames names,
        Map<Integer, DeviceGetRegionInfo.Reply> regions,
        Map<IrqIndex, Integer> irqCounts,
        boolean unmasks,
        List<RecordedStep> steps) {
    /// Copies the collections.
    RecordedSession {
        regions = Map.copyOf(regions);
        irqCounts = Map.copyOf(irqCounts);
        steps = List.copyOf(steps);
    }

    /// Finds a session.
    ///
    /// @param device the name in the recording; empty for the first one
    /// @param session counts the clients of the device; 0 for the first in the recording
    /// @throws ReplayException if there is no such session, or it is not of today's dialect
    static RecordedSession of(List<CaptureRecord> records, String device, long session) {
        TracedMessage first =
                records.stream()
                        .filter(CaptureRecord.Message.class::isInstance)
                        .map(record -> ((CaptureRecord.Message) record).message())
                        .filter(message -> device.isEmpty() || message.device().equals(device))
                        .filter(message -> session == 0 || message.session() == session)
                        .findFirst()
                        .orElseThrow(() -> nothing(device, session));
        if (first.dialect() != Dialect.CURRENT) {
            throw new ReplayException(
                    "recording: of the dialect of 2021 (expected: of today's, to be replayed as a"
                            + " device)");
        }
        var reader = new Reader(first.device(), first.session());
        for (int i = 0; i < records.size(); i++) {
            reader.add(i + 1, records.get(i));
        }
        return reader.result();
    }

    private static ReplayException nothing(String device, long session) {
        return new ReplayException(
                "recording: no message of %s%s (expected: at least one)"
                        .formatted(
                                device.isEmpty() ? "any device" : device,
                                session == 0 ? "" : ", client " + session));
    }

    private static final class Reader {
        private static final int MAX_VECTORS = 2048;

        private final String device;
        private final long session;
        private final Map<Integer, Asked> open = new HashMap<>();
        private final Map<Integer, DeviceGetRegionInfo.Reply> regions = new HashMap<>();
        private final Map<IrqIndex, Integer> irqCounts = new HashMap<>();
        private final Map<IrqIndex, Integer> armed = new HashMap<>();
        private final List<RecordedStep> steps = new ArrayList<>();
        private RegisterNames names = RegisterNames.CONFIG_ONLY;

        /// The client makes memory known, whose contents are its own.
        private boolean mapping;

        private boolean unmasks;

        Reader(String device, long session) {
            this.device = device;
            this.session = session;
        }

        void add(int packet, CaptureRecord record) {
            if (!record.device().equals(device)) {
                return;
            }
            switch (record) {
                case CaptureRecord.Registers registers -> names = registers.names();
                case CaptureRecord.Message(var message) when message.session() == session ->
                        message(packet, message);
                case CaptureRecord.Interrupt irq
                        when irq.session() == session
                                && irq.index() >= 0
                                && irq.index() < IrqIndex.COUNT
                                && irq.vector() >= 0 ->
                        steps.add(
                                new RecordedStep.Interrupt(
                                        packet,
                                        irq.time(),
                                        IrqIndex.of(irq.index()),
                                        irq.vector()));
                case CaptureRecord.Memory memory
                        when memory.session() == session
                                && memory.before() == Direction.SERVER_TO_CLIENT
                                && !mapping ->
                        steps.add(
                                new RecordedStep.Memory(
                                        packet, memory.time(), memory.iova(), memory.bytes()));
                case CaptureRecord.Message _,
                        CaptureRecord.Interrupt _,
                        CaptureRecord.Memory _,
                        CaptureRecord.SessionEnd _ -> {}
            }
        }

        RecordedSession result() {
            armed.forEach(irqCounts::putIfAbsent);
            return new RecordedSession(device, session, names, regions, irqCounts, unmasks, steps);
        }

        private void message(int packet, TracedMessage message) {
            MessageHeader header = message.header();
            boolean reply = header.type() == WireFormat.TYPE_REPLY;
            boolean toDevice = message.direction() == Direction.CLIENT_TO_SERVER;
            if (reply == toDevice) {
                if (!reply) {
                    serverCommand(packet, message, header);
                }
                return;
            }
            try {
                if (reply) {
                    Asked asked = open.remove(header.messageId());
                    if (asked != null) {
                        answered(asked, message.bytes());
                    }
                } else {
                    command(packet, message, header);
                }
            } catch (RequestRejectedException | ProtocolViolationException _) {
                // The client or the device made a mistake then; there is nothing in it to repeat.
            }
        }

        private void serverCommand(int packet, TracedMessage message, MessageHeader header) {
            if (header.commandId() != Command.DMA_WRITE.id()) {
                return;
            }
            try {
                if (MessageDecoder.serverRequest(message.bytes()) instanceof DmaWrite write) {
                    try {
                        steps.add(
                                new RecordedStep.Memory(
                                        packet,
                                        message.time(),
                                        write.address(),
                                        Unpooled.copiedBuffer(write.data())));
                    } finally {
                        write.release();
                    }
                }
            } catch (RequestRejectedException _) {
                // Nothing that was written.
            }
        }

        private void command(int packet, TracedMessage message, MessageHeader header) {
            ClientRequest request = MessageDecoder.clientRequest(message.bytes());
            int at = steps.size();
            mapping = request instanceof DmaMap;
            switch (request) {
                case RegionRead read ->
                        steps.add(
                                access(
                                        packet,
                                        message,
                                        false,
                                        new Place(read.region(), read.offset(), read.count()),
                                        Unpooled.EMPTY_BUFFER));
                case RegionWrite write -> {
                    try {
                        steps.add(
                                access(
                                        packet,
                                        message,
                                        true,
                                        new Place(write.region(), write.offset(), write.count()),
                                        Unpooled.copiedBuffer(write.data())));
                    } finally {
                        write.release();
                    }
                }
                case RegionWriteMulti multi ->
                        multi.writes().stream()
                                .filter(write -> write.count() > 0)
                                .forEach(write -> steps.add(write(packet, message, write)));
                case DeviceSetIrqs irqs when irqs.index() < IrqIndex.COUNT -> {
                    // A client may know of an interrupt without having asked.
                    long end = Math.min((long) irqs.start() + irqs.count(), MAX_VECTORS);
                    armed.merge(IrqIndex.of(irqs.index()), (int) end, Math::max);
                    unmasks |=
                            irqs.index() == IrqIndex.INTX.index()
                                    && irqs.action() == IrqAction.UNMASK;
                }
                case DeviceReset _ -> steps.add(new RecordedStep.Reset(packet, message.time()));
                default -> {} // what the server answers by itself
            }
            if (!header.noReply() && Command.of(request.commandId()).isPresent()) {
                int step = steps.size() == at + 1 ? at : Asked.NO_STEP;
                open.put(header.messageId(), new Asked(request.commandId(), step));
            }
        }

        private static RecordedStep.Access write(
                int packet, TracedMessage message, RegionWriteMulti.Write write) {
            ByteBuf data = Unpooled.buffer(8).writeLongLE(write.data());
            return access(
                    packet,
                    message,
                    true,
                    new Place(write.region(), write.offset(), write.count()),
                    data.writerIndex(write.count()));
        }

        private static RecordedStep.Access access(
                int packet, TracedMessage message, boolean write, Place place, ByteBuf data) {
            return new RecordedStep.Access(
                    packet, message.time(), write, place, data, Optional.empty());
        }

        private void answered(Asked asked, ByteBuf bytes) {
            Command command = Command.of(asked.command).orElseThrow();
            ServerReply reply = MessageDecoder.serverReply(command, bytes);
            switch (reply) {
                case DeviceGetRegionInfo.Reply info -> regions.put(info.region(), info);
                case DeviceGetIrqInfo.Reply info when info.index() < IrqIndex.COUNT ->
                        irqCounts.put(IrqIndex.of(info.index()), info.count());
                case ErrorReply(Errno errno) -> refused(asked.step, errno);
                case RegionRead.Reply read -> {
                    try {
                        read(asked.step, Unpooled.copiedBuffer(read.data()));
                    } finally {
                        read.release();
                    }
                }
                default -> {} // nothing that a driver sees
            }
        }

        private void refused(int step, Errno errno) {
            if (step >= 0 && steps.get(step) instanceof RecordedStep.Access access) {
                steps.set(
                        step,
                        new RecordedStep.Access(
                                access.packet(),
                                access.time(),
                                access.write(),
                                access.place(),
                                access.data(),
                                Optional.of(errno)));
            }
        }

        private void read(int step, ByteBuf data) {
            if (steps.get(step) instanceof RecordedStep.Access access) {
                steps.set(
                        step,
                        new RecordedStep.Access(
                                access.packet(),
                                access.time(),
                                false,
                                access.place(),
                                data,
                                Optional.empty()));
            }
        }

        /// A command without its reply yet.
        ///
        /// @param step where its one step is, or [#NO_STEP]
        private record Asked(int command, int step) {
            static final int NO_STEP = -1;
        }
    }
}
