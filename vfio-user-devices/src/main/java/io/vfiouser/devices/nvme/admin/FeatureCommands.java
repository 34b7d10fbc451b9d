package io.vfiouser.devices.nvme.admin;

import io.vfiouser.device.region.LittleEndian;
import io.vfiouser.devices.nvme.engine.Command;
import io.vfiouser.devices.nvme.engine.Engine;
import io.vfiouser.devices.nvme.log.Health;
import io.vfiouser.devices.nvme.queue.SubmissionEntry;
import io.vfiouser.devices.nvme.spec.FeatureId;
import io.vfiouser.devices.nvme.spec.Limits;
import io.vfiouser.devices.nvme.spec.Status;
import io.vfiouser.os.NativeMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Get Features and Set Features (NVMe 1.4, sections of these names).
final class FeatureCommands {
    private static final int SAVE = 1 << 31;
    private static final int CURRENT = 0;
    private static final int CAPABILITIES = 3;
    private static final int CHANGEABLE = 1 << 2;
    private static final int NAMESPACE_SPECIFIC = 1 << 1;
    private static final int TIMESTAMP_SIZE = 8;
    private static final int EXTENDED_HOST_ID = 1;

    private final AdminContext context;
    private final Engine engine;
    private final Replies replies;
    private final Features features;
    private final AsyncEvents events;

    FeatureCommands(AdminContext context, Replies replies, Features features, AsyncEvents events) {
        this.context = context;
        this.engine = context.engine();
        this.replies = replies;
        this.features = features;
        this.events = events;
    }

    void get(Command command) {
        SubmissionEntry entry = command.entry();
        int id = entry.cdw10() & 0xff;
        int select = entry.cdw10() >>> 8 & 7;
        if (!isKnown(id) || select > CAPABILITIES) {
            engine.finish(command, Status.INVALID_FIELD);
            return;
        }
        if (id == FeatureId.ERROR_RECOVERY && !isNamespace(entry)) {
            engine.finish(command, Status.INVALID_NAMESPACE);
            return;
        }
        if (select == CAPABILITIES) {
            int scope = id == FeatureId.ERROR_RECOVERY ? NAMESPACE_SPECIFIC : 0;
            end(command, CHANGEABLE | scope);
            return;
        }
        boolean current = select == CURRENT;
        switch (id) {
            case FeatureId.TIMESTAMP -> replies.send(command, timestamp(current));
            case FeatureId.HOST_IDENTIFIER -> replies.send(command, hostId(entry, current));
            case FeatureId.NUMBER_OF_QUEUES -> end(command, queueCounts());
            case FeatureId.TEMPERATURE_THRESHOLD -> getTemperature(command, current);
            case FeatureId.INTERRUPT_VECTOR_CONFIG -> getVector(command, current);
            default -> end(command, current ? features.value(id) : Features.defaultOf(id));
        }
    }

    void set(Command command) {
        SubmissionEntry entry = command.entry();
        int id = entry.cdw10() & 0xff;
        int status = checkSet(entry, id);
        if (status != Status.SUCCESS) {
            engine.finish(command, status);
            return;
        }
        switch (id) {
            case FeatureId.TIMESTAMP ->
                    replies.receive(command, TIMESTAMP_SIZE, this::setTimestamp);
            case FeatureId.HOST_IDENTIFIER ->
                    replies.receive(command, hostIdSize(entry), this::setHostId);
            case FeatureId.NUMBER_OF_QUEUES -> {
                command.setResult(queueCounts());
                engine.finish(command, checkQueueCounts(entry.cdw11()));
            }
            default -> engine.finish(command, setValue(id, entry.cdw11()));
        }
    }

    private int checkSet(SubmissionEntry entry, int id) {
        if (!isKnown(id)) {
            return Status.INVALID_FIELD;
        }
        if ((entry.cdw10() & SAVE) != 0) {
            return Status.FEATURE_NOT_SAVEABLE;
        }
        int namespace = entry.namespaceId();
        if (id == FeatureId.ERROR_RECOVERY) {
            return isNamespace(entry) ? Status.SUCCESS : Status.INVALID_NAMESPACE;
        }
        return namespace == 0 || namespace == Limits.BROADCAST_NAMESPACE
                ? Status.SUCCESS
                : Status.FEATURE_NOT_NAMESPACE_SPECIFIC;
    }

    private int setValue(int id, int value) {
        switch (id) {
            case FeatureId.TEMPERATURE_THRESHOLD -> {
                return setTemperature(value);
            }
            case FeatureId.INTERRUPT_VECTOR_CONFIG -> {
                return setVector(value);
            }
            case FeatureId.POWER_MANAGEMENT -> {
                if ((value & 0x1f) != 0) {
                    return Status.INVALID_FIELD; // there is power state 0 only
                }
            }
            case FeatureId.ERROR_RECOVERY -> {
                if ((value >>> 16) != 0) {
                    return Status.INVALID_FIELD; // no errors for deallocated blocks
                }
            }
            case FeatureId.VOLATILE_WRITE_CACHE -> {
                if (!context.controller().identity().writeCache()) {
                    return Status.INVALID_FIELD;
                }
            }
            default -> {}
        }
        features.set(id, value);
        if (id == FeatureId.ARBITRATION) {
            engine.setBurst(features.burst());
        } else if (id == FeatureId.INTERRUPT_COALESCING) {
            coalesce();
        } else if (id == FeatureId.KEEP_ALIVE_TIMER) {
            context.controller().setKeepAlive(value);
        }
        return Status.SUCCESS;
    }

    private int queueCounts() {
        int most = context.controller().identity().ioQueues() - 1;
        return most | most << 16;
    }

    private int checkQueueCounts(int value) {
        if ((value & 0xffff) == 0xffff || value >>> 16 == 0xffff) {
            return Status.INVALID_FIELD;
        }
        for (int id = 1; id < Limits.QUEUES; id++) {
            if (context.queues().completion(id) != null) {
                return Status.COMMAND_SEQUENCE_ERROR;
            }
        }
        return Status.SUCCESS;
    }

    private void getTemperature(Command command, boolean current) {
        int selector = command.entry().cdw11();
        if ((selector >>> 16 & 0xf) != 0 || (selector >>> 20 & 3) > 1) {
            engine.finish(command, Status.INVALID_FIELD);
            return;
        }
        boolean under = (selector >>> 20 & 3) == 1;
        int id = FeatureId.TEMPERATURE_THRESHOLD;
        int over = current ? features.value(id) : Features.defaultOf(id);
        int below = current ? features.underTemperature() : 0;
        end(command, under ? below : over);
    }

    private int setTemperature(int value) {
        int sensor = value >>> 16 & 0xf;
        int type = value >>> 20 & 3;
        if ((sensor != 0 && sensor != 0xf) || type > 1) {
            return Status.INVALID_FIELD;
        }
        int kelvin = value & 0xffff;
        boolean crossed;
        if (type == 1) {
            features.setUnderTemperature(kelvin);
            crossed = Health.TEMPERATURE <= kelvin;
        } else {
            features.set(FeatureId.TEMPERATURE_THRESHOLD, kelvin);
            crossed = Health.TEMPERATURE >= kelvin;
        }
        if (crossed) {
            events.temperatureCrossed();
        }
        return Status.SUCCESS;
    }

    private void getVector(Command command, boolean current) {
        int vector = command.entry().cdw11() & 0xffff;
        if (vector >= context.interrupts().count()) {
            engine.finish(command, Status.INVALID_FIELD);
            return;
        }
        boolean off = current && features.uncoalescedVectors().get(vector);
        end(command, vector | (off ? 1 << 16 : 0));
    }

    private int setVector(int value) {
        int vector = value & 0xffff;
        if (vector >= context.interrupts().count()) {
            return Status.INVALID_FIELD;
        }
        features.uncoalescedVectors().set(vector, (value & 1 << 16) != 0);
        coalesce();
        return Status.SUCCESS;
    }

    private void coalesce() {
        context.interrupts()
                .coalesce(
                        features.value(FeatureId.INTERRUPT_COALESCING),
                        features.uncoalescedVectors());
    }

    private MemorySegment timestamp(boolean current) {
        MemorySegment data = NativeMemory.allocate(TIMESTAMP_SIZE);
        if (current) {
            int origin = features.isTimestampSet() ? 1 : 0;
            LittleEndian.put(data, 0, 8, features.timestamp() | (long) origin << 49);
        }
        return data;
    }

    private void setTimestamp(Command command) {
        long millis = command.buffer().get(LittleEndian.LONG, 0) & 0xffff_ffff_ffffL;
        features.setTimestamp(millis, true);
        engine.finish(command, Status.SUCCESS);
    }

    private MemorySegment hostId(SubmissionEntry entry, boolean current) {
        MemorySegment data = NativeMemory.allocate(hostIdSize(entry));
        if (current) {
            MemorySegment.copy(
                    features.hostId(), 0, data, ValueLayout.JAVA_BYTE, 0, hostIdSize(entry));
        }
        return data;
    }

    private void setHostId(Command command) {
        MemorySegment data = command.buffer();
        MemorySegment.copy(
                data, ValueLayout.JAVA_BYTE, 0, features.hostId(), 0, (int) data.byteSize());
        engine.finish(command, Status.SUCCESS);
    }

    private void end(Command command, int value) {
        command.setResult(Integer.toUnsignedLong(value));
        engine.finish(command, Status.SUCCESS);
    }

    private boolean isNamespace(SubmissionEntry entry) {
        int id = entry.namespaceId();
        return id == Limits.BROADCAST_NAMESPACE || context.namespaces().find(id) != null;
    }

    private static int hostIdSize(SubmissionEntry entry) {
        return (entry.cdw11() & EXTENDED_HOST_ID) != 0 ? 16 : 8;
    }

    private boolean isKnown(int id) {
        return switch (id) {
            case FeatureId.ARBITRATION,
                    FeatureId.POWER_MANAGEMENT,
                    FeatureId.TEMPERATURE_THRESHOLD,
                    FeatureId.ERROR_RECOVERY,
                    FeatureId.NUMBER_OF_QUEUES,
                    FeatureId.INTERRUPT_COALESCING,
                    FeatureId.INTERRUPT_VECTOR_CONFIG,
                    FeatureId.WRITE_ATOMICITY,
                    FeatureId.ASYNC_EVENT_CONFIG,
                    FeatureId.TIMESTAMP,
                    FeatureId.KEEP_ALIVE_TIMER,
                    FeatureId.HOST_IDENTIFIER ->
                    true;
            case FeatureId.VOLATILE_WRITE_CACHE -> context.controller().identity().writeCache();
            default -> false;
        };
    }
}
