package io.vfiouser.devices.nvme.admin;

import io.vfiouser.devices.nvme.engine.Command;
import io.vfiouser.devices.nvme.engine.CommandHandler;
import io.vfiouser.devices.nvme.engine.Engine;
import io.vfiouser.devices.nvme.queue.SubmissionEntry;
import io.vfiouser.devices.nvme.spec.AdminOpcode;
import io.vfiouser.devices.nvme.spec.Status;
import java.util.function.IntFunction;

/// Does the commands of the admin queue (NVMe 1.4: "Admin Command Set").
public final class AdminCommands implements CommandHandler {
    /// Numbers of a held command.
    public static final int HELD_FIELDS = FormatCommand.STATE_FIELDS;

    private final Engine engine;
    private final ControllerPort controller;
    private final IdentifyCommand identify;
    private final QueueCommands queues;
    private final FeatureCommands features;
    private final LogCommand logs;
    private final FormatCommand format;
    private final AsyncEvents events;

    /// The commands of one controller.
    ///
    /// @param state the features as they are set
    /// @param events waiting requests and events
    public AdminCommands(AdminContext context, Features state, AsyncEvents events) {
        this.engine = context.engine();
        this.controller = context.controller();
        this.events = events;
        var replies = new Replies(context);
        this.identify = new IdentifyCommand(context, replies);
        this.queues = new QueueCommands(context);
        this.features = new FeatureCommands(context, replies, state, events);
        this.logs = new LogCommand(context, replies, state, events);
        this.format = new FormatCommand(context);
    }

    /// Goes on after guest memory was not to be touched.
    public void resume() {
        format.resume();
    }

    /// Forgets commands that are held.
    public void reset() {
        format.reset();
    }

    /// Commands that are held, for migration: [#HELD_FIELDS] numbers each.
    public long[] held() {
        return format.state();
    }

    /// Takes over what [#held()] gave in another process.
    ///
    /// @param adopt makes a command of the admin queue that another process has fetched
    public void restore(long[] held, IntFunction<Command> adopt) {
        format.restore(held, adopt);
    }

    @Override
    public void handle(Command command) {
        SubmissionEntry entry = command.entry();
        if (entry.fuse() != 0 || entry.psdt() != 0) {
            engine.finish(command, Status.INVALID_FIELD);
            return;
        }
        switch (entry.opcode()) {
            case AdminOpcode.IDENTIFY -> identify.handle(command);
            case AdminOpcode.CREATE_IO_CQ -> queues.createCompletion(command);
            case AdminOpcode.CREATE_IO_SQ -> queues.createSubmission(command);
            case AdminOpcode.DELETE_IO_CQ -> queues.deleteCompletion(command);
            case AdminOpcode.DELETE_IO_SQ -> queues.deleteSubmission(command);
            case AdminOpcode.GET_FEATURES -> features.get(command);
            case AdminOpcode.SET_FEATURES -> features.set(command);
            case AdminOpcode.GET_LOG_PAGE -> logs.handle(command);
            case AdminOpcode.ASYNC_EVENT_REQUEST -> events.request(command);
            case AdminOpcode.ABORT -> abort(command);
            case AdminOpcode.KEEP_ALIVE -> keepAlive(command);
            case AdminOpcode.FORMAT_NVM -> format.handle(command);
            case AdminOpcode.DOORBELL_BUFFER_CONFIG -> configureDoorbells(command);
            default -> engine.finish(command, Status.INVALID_OPCODE);
        }
    }

    /// Only Asynchronous Event Requests wait long enough to be aborted; what the storage has begun
    /// cannot be taken back.
    private void abort(Command command) {
        int queue = command.entry().cdw10() & 0xffff;
        int commandId = command.entry().cdw10() >>> 16;
        boolean aborted = queue == 0 && events.abort(commandId);
        command.setResult(aborted ? 0 : 1);
        engine.finish(command, Status.SUCCESS);
    }

    private void keepAlive(Command command) {
        controller.keepAlive();
        engine.finish(command, Status.SUCCESS);
    }

    private void configureDoorbells(Command command) {
        if (!controller.identity().shadowDoorbells()) {
            engine.finish(command, Status.INVALID_OPCODE);
            return;
        }
        long shadow = command.entry().prp1();
        long eventIndexes = command.entry().prp2();
        boolean used = controller.useShadowDoorbells(shadow, eventIndexes);
        engine.finish(command, used ? Status.SUCCESS : Status.INVALID_FIELD);
    }
}
