package io.vfiouser.nvme;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// What is asked of a controller once it is enabled, in the order of SPDK's initiator.
///
/// @param controller what it is
/// @param ioQueues I/O queue pairs that it grants
/// @param namespaces those that are active, by id
/// @param keepAlive what tells it that the host is there, if it wants to know
record ControllerSetup(
        ControllerIdentity controller,
        int ioQueues,
        List<NvmeNamespace> namespaces,
        Optional<KeepAlive> keepAlive) {
    private static final int CNS_NAMESPACE = 0;
    private static final int CNS_CONTROLLER = 1;
    private static final int CNS_ACTIVE = 2;
    private static final int CNS_DESCRIPTORS = 3;
    private static final int CNS_COMMAND_SET = 6;
    private static final int FEATURE_QUEUES = 0x07;
    private static final int FEATURE_EVENTS = 0x0b;
    private static final int FEATURE_KEEP_ALIVE = 0x0f;
    private static final int VERSION_1_1 = 0x0001_0100;
    private static final int VERSION_1_3 = 0x0001_0300;

    /// SMART warnings, namespace and firmware notices.
    private static final long EVENTS = 0x31f;

    private static final long WANTED_QUEUES = 1024;
    private static final int LIST_LENGTH = 1024;
    private static final int MAX_NAMESPACES = 4096;

    /// Asks.
    ///
    /// @throws NvmeStatusException if the controller refuses what it must know
    static ControllerSetup run(AdminQueue admin, int version) {
        var controller = ControllerIdentity.parse(admin.identify(CNS_CONTROLLER, 0));
        if (tolerated(() -> setFeature(admin, FEATURE_EVENTS, EVENTS)).isPresent()) {
            admin.requestEvents(controller.eventRequests());
        }
        Optional<KeepAlive> keepAlive =
                controller.keepAliveUnit() == 0 ? Optional.empty() : keepAlive(admin);
        try {
            var _ = tolerated(() -> admin.identify(CNS_COMMAND_SET, 0));
            int ioQueues = requestQueues(admin);
            List<NvmeNamespace> namespaces = new ArrayList<>();
            for (int id : activeIds(admin, version, controller.namespaces())) {
                namespaces.add(NvmeNamespace.parse(id, admin.identify(CNS_NAMESPACE, id)));
                if (version >= VERSION_1_3) {
                    var _ = tolerated(() -> admin.identify(CNS_DESCRIPTORS, id));
                }
            }
            return new ControllerSetup(controller, ioQueues, List.copyOf(namespaces), keepAlive);
        } catch (RuntimeException e) {
            keepAlive.ifPresent(KeepAlive::close);
            throw e;
        }
    }

    /// Asks for one namespace anew.
    static NvmeNamespace namespace(AdminQueue admin, int id) {
        return NvmeNamespace.parse(id, admin.identify(CNS_NAMESPACE, id));
    }

    private static int setFeature(AdminQueue admin, int feature, long value) {
        return admin.run(
                "Set Features 0x%02x".formatted(feature),
                Opcode.SET_FEATURES,
                0,
                value << Integer.SIZE | feature,
                0);
    }

    private static Optional<KeepAlive> keepAlive(AdminQueue admin) {
        return tolerated(() ->
                        admin.run(
                                "Get Features 0x0f", Opcode.GET_FEATURES, 0, FEATURE_KEEP_ALIVE, 0))
                .filter(millis -> millis != 0)
                .map(millis -> KeepAlive.start(admin, millis));
    }

    private static int requestQueues(AdminQueue admin) {
        long wanted = WANTED_QUEUES - 1;
        int granted = setFeature(admin, FEATURE_QUEUES, wanted << Short.SIZE | wanted);
        return Math.min(granted & 0xffff, granted >>> Short.SIZE) + 1;
    }

    private static List<Integer> activeIds(AdminQueue admin, int version, int last) {
        List<Integer> ids = new ArrayList<>();
        if (version < VERSION_1_1) {
            for (int id = 1; id <= Math.min(last, MAX_NAMESPACES); id++) {
                ids.add(id);
            }
            return ids;
        }
        var next = OptionalInt.of(0);
        while (next.isPresent() && ids.size() < MAX_NAMESPACES) {
            next = addPage(admin.identify(CNS_ACTIVE, next.getAsInt()), ids);
        }
        return ids;
    }

    /// Adds the ids of one list.
    ///
    /// @return the last of them, if there may be more
    private static OptionalInt addPage(MemorySegment list, List<Integer> ids) {
        int last = 0;
        for (int i = 0; i < LIST_LENGTH; i++) {
            int id = Words.i32(list, (long) i * Integer.BYTES);
            if (Integer.compareUnsigned(id, last) <= 0) {
                return OptionalInt.empty();
            }
            ids.add(id);
            last = id;
        }
        return OptionalInt.of(last);
    }

    private static <T> Optional<T> tolerated(Attempt<T> attempt) {
        try {
            return Optional.of(attempt.run());
        } catch (NvmeStatusException _) {
            return Optional.empty(); // the controller need not know it
        }
    }

    /// A command that may be refused.
    @FunctionalInterface
    private interface Attempt<T> {
        T run();
    }
}
