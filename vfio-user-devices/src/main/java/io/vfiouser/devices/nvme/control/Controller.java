package io.vfiouser.devices.nvme.control;

import io.vfiouser.device.DeviceContext;
import io.vfiouser.device.memory.DmaRange;
import io.vfiouser.device.migration.Handover;
import io.vfiouser.device.migration.Migratable;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.region.RegionHandler;
import io.vfiouser.devices.block.BlockBackend;
import io.vfiouser.devices.nvme.admin.AdminCommands;
import io.vfiouser.devices.nvme.admin.AdminContext;
import io.vfiouser.devices.nvme.admin.AsyncEvents;
import io.vfiouser.devices.nvme.admin.ControllerPort;
import io.vfiouser.devices.nvme.admin.Features;
import io.vfiouser.devices.nvme.admin.Identity;
import io.vfiouser.devices.nvme.engine.Command;
import io.vfiouser.devices.nvme.engine.DataMapper;
import io.vfiouser.devices.nvme.engine.Engine;
import io.vfiouser.devices.nvme.engine.HostDoorbells;
import io.vfiouser.devices.nvme.guest.GuestWindows;
import io.vfiouser.devices.nvme.io.IoCommands;
import io.vfiouser.devices.nvme.io.IoContext;
import io.vfiouser.devices.nvme.log.ErrorLog;
import io.vfiouser.devices.nvme.log.Health;
import io.vfiouser.devices.nvme.namespace.Namespaces;
import io.vfiouser.devices.nvme.queue.CompletionQueue;
import io.vfiouser.devices.nvme.queue.Interrupts;
import io.vfiouser.devices.nvme.queue.QueueTable;
import io.vfiouser.devices.nvme.queue.SubmissionQueue;
import io.vfiouser.devices.nvme.spec.FeatureId;
import io.vfiouser.devices.nvme.spec.Status;
import io.vfiouser.os.SharedMemory;
import java.util.Optional;

/// An NVMe controller: its parts put together, and its life from enable to shutdown (NVMe 1.4:
/// "Controller Initialization and Shutdown Processing"). Belongs to the device's loop.
public final class Controller implements ControllerPort, ControllerRegisters.Control {
    private static final int SHUTDOWN_AT_WORK = 1;
    private static final int SHUTDOWN_COMPLETE = 2;

    private final Namespaces namespaces;
    private final GuestWindows windows = new GuestWindows(DeviceContext.UNATTACHED.memory());
    private final QueueTable queues = new QueueTable();
    private final ErrorLog errors = new ErrorLog();
    private final Health health = new Health();
    private final Features features = new Features();
    private final Interrupts interrupts;
    private final Engine engine;
    private final DataMapper mapper;
    private final AsyncEvents events;
    private final AdminCommands admin;
    private final ControllerRegisters registers;
    private final KeepAlive keepAlive = new KeepAlive(this::fail);
    private final Optional<MappedDoorbells> mapped;
    private final Poller poller;
    private final RegionHandler bar;
    private Identity identity;
    private Optional<ShadowDoorbells> shadow = Optional.empty();
    private int flushing;

    /// A controller that is not enabled.
    ///
    /// @param doorbellMemory what clients map as BAR0, if they may map the doorbells; borrowed
    /// @param bufferMemory bytes of buffers for data that cannot go directly
    public Controller(
            Identity identity,
            Namespaces namespaces,
            Optional<SharedMemory> doorbellMemory,
            long bufferMemory) {
        this.identity = identity;
        this.namespaces = namespaces;
        this.interrupts = new Interrupts(queues, identity.ioQueues() + 1);
        this.engine =
                new Engine(
                        queues, windows, namespaces, errors, interrupts, bufferMemory, this::fail);
        this.mapper = new DataMapper(engine, windows);
        this.events = new AsyncEvents(engine, features);
        this.registers = new ControllerRegisters(interrupts, this);
        var doorbells = new Doorbells(queues, engine, interrupts, events);
        this.mapped = doorbellMemory.map(MappedDoorbells::new);
        this.poller = new Poller(engine);
        this.bar = new ControllerBar(registers.block(), doorbells, mapped);
        this.admin = adminCommands();
        engine.setHandlers(admin, ioCommands());
        if (mapped.isPresent()) {
            engine.setPostedListener(poller::expect);
        }
    }

    /// What answers accesses to BAR0.
    public RegionHandler bar() {
        return bar;
    }

    /// A client has come, or (with [DeviceContext#UNATTACHED]) gone.
    public void attach(DeviceContext context) {
        windows.attach(context.memory());
        engine.attach(context);
        interrupts.attach(context);
        keepAlive.attach(context);
        poller.attach(context);
    }

    /// The client has mapped a region.
    public void memoryMapped(DmaRange range) {
        windows.add(range);
    }

    /// The client has unmapped a region.
    public void memoryUnmapped(DmaRange range) {
        windows.remove(range);
    }

    /// Stops using guest memory. A Keep Alive timer stops, as nothing of the host is heard.
    public Completion quiesce() {
        keepAlive.pause();
        return engine.quiesce();
    }

    /// Goes on after [#quiesce()].
    public void resume() {
        interrupts.updatePin();
        engine.resume();
        admin.resume();
        keepAlive.restart();
        events.report();
        poll();
    }

    /// Everything as after power-on; nothing is at work.
    ///
    /// @param clientGone whether that is because the client went
    public void reset(boolean clientGone) {
        if (clientGone && !registers.isSafelyDown()) {
            health.unsafeShutdown();
        }
        engine.stop(() -> {});
        resetState();
        registers.reset(true);
    }

    /// How its state is saved and loaded.
    public Migratable migratable() {
        return new ControllerMigration(this::save, snapshot -> load(snapshot, true));
    }

    /// How it goes on in another process.
    ///
    /// @param backend the storage of all namespaces
    public Handover handover(BlockBackend backend) {
        return new ControllerHandover(
                new ControllerMigration(this::save, snapshot -> load(snapshot, false)), backend);
    }

    private Snapshot save() {
        return state().save(
                        identity.serial(),
                        shadow.map(pages -> new long[] {pages.shadow(), pages.eventIndexes()})
                                .orElse(new long[0]));
    }

    /// @param publishes whether the host finds in the mapped doorbells what was saved; not if it
    ///   has gone on ringing them
    private void load(Snapshot snapshot, boolean publishes) {
        state().check(snapshot);
        engine.stop(() -> {});
        resetState();
        identity = identity.withSerial(snapshot.serial());
        state().restore(snapshot);
        mapper.setPageSize(registers.pageSize());
        engine.setBurst(features.burst());
        if (registers.isRunning()) {
            engine.start();
            keepAlive.set(features.value(FeatureId.KEEP_ALIVE_TIMER));
            if (publishes) {
                mapped.ifPresent(this::publish);
            }
            mapped.ifPresent(engine::setDoorbells);
            long[] pages = snapshot.part(Snapshot.Part.SHADOW_DOORBELLS);
            if (pages.length != 0 && identity.shadowDoorbells()) {
                useShadow(new ShadowDoorbells(windows, pages[0], pages[1]));
            }
            events.report();
            engine.ringAll();
        }
    }

    private void publish(MappedDoorbells doorbells) {
        for (int id = 0; id < queues.limit(); id++) {
            SubmissionQueue submission = queues.submission(id);
            if (submission != null) {
                doorbells.publish(submission);
            }
            CompletionQueue completion = queues.completion(id);
            if (completion != null) {
                doorbells.publish(completion);
            }
        }
    }

    private ControllerState state() {
        return new ControllerState(
                identity.ioQueues(),
                namespaces,
                windows,
                queues,
                errors,
                health,
                features,
                interrupts,
                engine,
                events,
                admin,
                registers);
    }

    private void useShadow(ShadowDoorbells doorbells) {
        shadow = Optional.of(doorbells);
        engine.setDoorbells(doorbells);
    }

    /// The capacity of a namespace has changed.
    public void resized(int namespace) {
        events.namespaceChanged(namespace);
    }

    @Override
    public void enable() {
        if (registers.isReady()) {
            return; // still being disabled; goes on when that is done
        }
        if (!registers.isConfigured()) {
            fail();
            return;
        }
        mapper.setPageSize(registers.pageSize());
        var completions =
                new CompletionQueue(
                        windows,
                        0,
                        registers.completionAddress(),
                        registers.completionEntries(),
                        0,
                        true);
        queues.add(completions);
        queues.add(
                new SubmissionQueue(
                        windows,
                        0,
                        registers.submissionAddress(),
                        registers.submissionEntries(),
                        completions));
        engine.setBurst(features.burst());
        engine.start();
        registers.setReady();
        mapped.ifPresent(engine::setDoorbells);
        poll();
    }

    @Override
    public void disable() {
        engine.stop(() -> {
            resetState();
            registers.reset(false);
            if (registers.isEnabled()) {
                enable();
            }
        });
    }

    @Override
    public void shutdown() {
        registers.setShutdown(SHUTDOWN_AT_WORK);
        engine.stop(this::flushAll);
    }

    @Override
    public void resetSubsystem() {
        registers.setSubsystemReset();
        disable();
    }

    @Override
    public Identity identity() {
        return identity;
    }

    @Override
    public boolean hasEntrySizes() {
        return registers.hasEntrySizes();
    }

    @Override
    public void created(CompletionQueue queue) {
        mapped.ifPresent(doorbells -> doorbells.clear(queue));
    }

    @Override
    public void created(SubmissionQueue queue) {
        mapped.ifPresent(doorbells -> doorbells.clear(queue));
    }

    @Override
    public boolean useShadowDoorbells(long shadow, long eventIndexes) {
        int offset = mapper.pageSize() - 1;
        var doorbells = new ShadowDoorbells(windows, shadow, eventIndexes);
        if (((shadow | eventIndexes) & offset) != 0 || !doorbells.isReachable()) {
            return false;
        }
        for (int id = 1; id <= identity.ioQueues(); id++) {
            SubmissionQueue submission = queues.submission(id);
            if (submission != null) {
                doorbells.publish(submission);
            }
            CompletionQueue completion = queues.completion(id);
            if (completion != null) {
                doorbells.publish(completion);
            }
        }
        useShadow(doorbells);
        engine.ringAll();
        return true;
    }

    @Override
    public void setKeepAlive(int millis) {
        keepAlive.set(millis);
    }

    @Override
    public void keepAlive() {
        keepAlive.restart();
    }

    /// Nothing goes on until the host resets the controller.
    private void fail() {
        errors.add(Status.INTERNAL_ERROR);
        registers.setFatal();
        engine.stop(() -> {});
    }

    private void resetState() {
        admin.reset();
        events.reset();
        engine.reset();
        queues.clear();
        interrupts.reset();
        features.reset();
        keepAlive.set(0);
        engine.setDoorbells(HostDoorbells.NONE);
        shadow = Optional.empty();
        mapped.ifPresent(MappedDoorbells::clear);
    }

    private void poll() {
        if (mapped.isPresent() && !engine.isStopped()) {
            poller.wake();
        }
    }

    private void flushAll() {
        flushing = 1;
        for (int i = 0; i < namespaces.count(); i++) {
            Command command = engine.begin(namespaces.at(i));
            flushing++;
            command.flush();
            engine.submit(
                    command,
                    (flush, _) -> {
                        engine.finish(flush, Status.SUCCESS);
                        flushed();
                    });
        }
        engine.request();
        flushed();
    }

    private void flushed() {
        if (--flushing == 0) {
            registers.setShutdown(SHUTDOWN_COMPLETE);
        }
    }

    private AdminCommands adminCommands() {
        var context =
                new AdminContext(
                        engine,
                        mapper,
                        windows,
                        namespaces,
                        queues,
                        interrupts,
                        errors,
                        health,
                        this);
        return new AdminCommands(context, features, events);
    }

    private IoCommands ioCommands() {
        return new IoCommands(
                new IoContext(engine, mapper, windows, namespaces, health, features::writeCache));
    }
}
