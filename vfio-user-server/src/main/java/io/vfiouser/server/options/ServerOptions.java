package io.vfiouser.server.options;

import io.netty.channel.EventLoopGroup;
import io.vfiouser.protocol.Dialect;
import io.vfiouser.server.observe.ServerListener;
import io.vfiouser.transport.BusyPoll;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/// How a server runs. Immutable.
///
/// A new option is a field of `Values` with its default, a `with` and an accessor, a line each; one
/// that devices may have apart from each other belongs into [ServiceOptions].
public final class ServerOptions {
    private static final ServerOptions DEFAULTS = new ServerOptions(new Values());

    private final Values values;

    private ServerOptions(Values values) {
        this.values = values;
    }

    /// The default of each option, as said there.
    public static ServerOptions defaults() {
        return DEFAULTS;
    }

    /// Loops of the server's own, 1 to 1024; 1. Each device stays on one of them.
    public int eventLoops() {
        return values.eventLoops;
    }

    /// The same options with `count` loops.
    ///
    /// @throws IllegalArgumentException unless it is 1 to 1024
    public ServerOptions withEventLoops(int count) {
        if (count < 1 || count > 1024) {
            throw new IllegalArgumentException("eventLoops: " + count + " (expected: 1 to 1024)");
        }
        return with(v -> v.eventLoops = count);
    }

    /// The caller's loops, to be used instead of own ones; none. They must run on Netty's epoll
    /// transport, and stay the caller's to shut down.
    public Optional<EventLoopGroup> eventLoopGroup() {
        return values.eventLoopGroup;
    }

    /// The same options on the caller's loops.
    public ServerOptions withEventLoopGroup(EventLoopGroup group) {
        Objects.requireNonNull(group, "group");
        return with(v -> v.eventLoopGroup = Optional.of(group));
    }

    /// How long an own loop keeps asking after its last work before it sleeps; [BusyPoll#NEVER].
    /// `docs/performance.md` has what each choice costs.
    public BusyPoll busyPoll() {
        return values.busyPoll;
    }

    /// The same options with loops that keep asking for another time.
    public ServerOptions withBusyPoll(BusyPoll time) {
        Objects.requireNonNull(time, "time");
        return with(v -> v.busyPoll = time);
    }

    /// The CPUs that own loops are kept on, one each; none, which leaves that to the kernel.
    public List<Integer> cpus() {
        return values.cpus;
    }

    /// The same options with own loops kept on these CPUs: the first on the first, and so on, from
    /// the start again if there are more loops.
    public ServerOptions withCpus(List<Integer> cpus) {
        List<Integer> copy = List.copyOf(cpus);
        return with(v -> v.cpus = copy);
    }

    /// How devices are served that bring no options of their own; [ServiceOptions#defaults()].
    public ServiceOptions service() {
        return values.service;
    }

    /// The same options with others for the devices.
    public ServerOptions withService(ServiceOptions service) {
        Objects.requireNonNull(service, "service");
        return with(v -> v.service = service);
    }

    /// The same options with other limits for the devices.
    public ServerOptions withLimits(Limits limits) {
        return withService(values.service.withLimits(limits));
    }

    /// The same options for devices whose clients speak `dialect`.
    public ServerOptions withDialect(Dialect dialect) {
        return withService(values.service.withDialect(dialect));
    }

    /// Whether devices may go on in another process (`VfioUserServer.offerHandover`); no. It costs
    /// a descriptor for each file in which a client's memory lies.
    public boolean handover() {
        return values.handover;
    }

    /// The same options for a server that can be taken over, or not.
    public ServerOptions withHandover(boolean possible) {
        return with(v -> v.handover = possible);
    }

    /// Is told what happens; nobody.
    public ServerListener listener() {
        return values.listener;
    }

    /// The same options with a listener.
    public ServerOptions withListener(ServerListener listener) {
        Objects.requireNonNull(listener, "listener");
        return with(v -> v.listener = listener);
    }

    private ServerOptions with(Consumer<Values> change) {
        return new ServerOptions(values.changed(change));
    }

    /// The values; never changed once an object of options has them.
    private static final class Values implements Cloneable {
        private int eventLoops = 1;
        private Optional<EventLoopGroup> eventLoopGroup = Optional.empty();
        private BusyPoll busyPoll = BusyPoll.NEVER;
        private boolean handover;
        private List<Integer> cpus = List.of();
        private ServiceOptions service = ServiceOptions.defaults();
        private ServerListener listener = ServerListener.NONE;

        Values changed(Consumer<Values> change) {
            try {
                var copy = (Values) clone();
                change.accept(copy);
                return copy;
            } catch (CloneNotSupportedException e) {
                throw new AssertionError(e);
            }
        }
    }
}
