package io.vfiouser.devices.nvme.admin;

import io.vfiouser.device.region.LittleEndian;
import io.vfiouser.devices.nvme.engine.Command;
import io.vfiouser.devices.nvme.engine.Engine;
import io.vfiouser.devices.nvme.namespace.Namespace;
import io.vfiouser.devices.nvme.namespace.Namespaces;
import io.vfiouser.devices.nvme.spec.Cns;
import io.vfiouser.devices.nvme.spec.Limits;
import io.vfiouser.devices.nvme.spec.Status;
import io.vfiouser.os.NativeMemory;
import java.lang.foreign.MemorySegment;

/// Identify (NVMe 1.4: "Identify command").
final class IdentifyCommand {
    private static final int SIZE = 4096;
    private static final int CONTROLLER_ID = 0;

    private final Engine engine;
    private final Replies replies;
    private final Namespaces namespaces;
    private final ControllerPort controller;

    IdentifyCommand(AdminContext context, Replies replies) {
        this.engine = context.engine();
        this.replies = replies;
        this.namespaces = context.namespaces();
        this.controller = context.controller();
    }

    void handle(Command command) {
        switch (command.entry().cdw10() & 0xff) {
            case Cns.NAMESPACE, Cns.ALLOCATED_NAMESPACE -> namespace(command);
            case Cns.CONTROLLER -> controller(command);
            case Cns.ACTIVE_NAMESPACES, Cns.ALLOCATED_NAMESPACES -> list(command);
            case Cns.NAMESPACE_DESCRIPTORS -> descriptors(command);
            case Cns.CONTROLLERS_OF_NAMESPACE -> controllersOf(command);
            case Cns.CONTROLLERS -> controllers(command);
            default -> engine.finish(command, Status.INVALID_FIELD);
        }
    }

    private void controller(Command command) {
        MemorySegment data = page();
        IdentifyController.write(controller.identity(), namespaces.count(), data);
        replies.send(command, data);
    }

    private void namespace(Command command) {
        Namespace namespace = namespaces.find(command.entry().namespaceId());
        if (namespace == null) {
            engine.finish(command, Status.INVALID_NAMESPACE);
            return;
        }
        MemorySegment data = page();
        IdentifyNamespace.write(namespace, controller.identity(), data);
        replies.send(command, data);
    }

    private void descriptors(Command command) {
        Namespace namespace = namespaces.find(command.entry().namespaceId());
        if (namespace == null) {
            engine.finish(command, Status.INVALID_NAMESPACE);
            return;
        }
        MemorySegment data = page();
        NamespaceNames.of(namespace, controller.identity()).writeDescriptors(data);
        replies.send(command, data);
    }

    /// The ids above the one that is given.
    private void list(Command command) {
        int above = command.entry().namespaceId();
        if (Integer.compareUnsigned(above, 0xffff_fffe) >= 0) {
            engine.finish(command, Status.INVALID_NAMESPACE);
            return;
        }
        MemorySegment data = page();
        long first = Integer.toUnsignedLong(above) + 1;
        long at = 0;
        for (long id = first; id <= namespaces.count() && at < SIZE; id++) {
            LittleEndian.put(data, at, Integer.BYTES, id);
            at += Integer.BYTES;
        }
        replies.send(command, data);
    }

    private void controllersOf(Command command) {
        int id = command.entry().namespaceId();
        if (id != Limits.BROADCAST_NAMESPACE && namespaces.find(id) == null) {
            engine.finish(command, Status.INVALID_NAMESPACE);
        } else {
            controllers(command);
        }
    }

    /// The controllers from the id that is given on: this one, or none.
    private void controllers(Command command) {
        int first = command.entry().cdw10() >>> 16;
        MemorySegment data = page();
        if (first <= CONTROLLER_ID) {
            LittleEndian.put(data, 0, Short.BYTES, 1);
            LittleEndian.put(data, 2, Short.BYTES, CONTROLLER_ID);
        }
        replies.send(command, data);
    }

    private static MemorySegment page() {
        return NativeMemory.allocate(SIZE);
    }
}
