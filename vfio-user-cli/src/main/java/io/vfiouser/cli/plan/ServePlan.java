package io.vfiouser.cli.plan;

import io.vfiouser.cli.failure.UsageException;
import io.vfiouser.cli.text.Quoted;
import io.vfiouser.cli.text.SocketPath;
import io.vfiouser.cli.types.DeviceTypes;
import io.vfiouser.cli.types.FilterKinds;
import io.vfiouser.device.Device;
import io.vfiouser.server.options.Endpoint;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/// All that one `serve` serves, checked before the first socket is made.
public final class ServePlan {
    private static final String NUMBER = "%d";

    private final List<PlannedDevice> devices = new ArrayList<>();
    private final InheritedSockets inherited;
    private final boolean adjustable;
    private final Set<Object> sockets = new HashSet<>();
    private final Map<String, Integer> perType = new HashMap<>();

    private ServePlan(InheritedSockets inherited, boolean adjustable) {
        this.inherited = inherited;
        this.adjustable = adjustable;
    }

    /// The plan for `requests`.
    ///
    /// @param inherited the sockets that `fd=` stands for
    /// @throws UsageException for an unknown type or setting, a path that cannot be a socket's or
    ///   that two devices would share, a descriptor that is no such socket
    public static ServePlan of(
            List<ServeRequest> requests, DeviceTypes types, InheritedSockets inherited) {
        return of(requests, types, inherited, false);
    }

    /// As above, for devices whose filters can come and go.
    ///
    /// @param adjustable whether they can
    public static ServePlan of(
            List<ServeRequest> requests,
            DeviceTypes types,
            InheritedSockets inherited,
            boolean adjustable) {
        var plan = new ServePlan(inherited, adjustable);
        requests.forEach(request -> plan.add(request, types));
        return plan;
    }

    /// The devices in the order in which they were asked for; at least one.
    public List<PlannedDevice> devices() {
        return List.copyOf(devices);
    }

    /// Whether all devices are done when the clients that they have already are gone.
    public boolean endsWithItsClients() {
        return devices.stream().allMatch(PlannedDevice::hasItsClient);
    }

    private void add(ServeRequest request, DeviceTypes types) {
        if (request.count() > 1 && !request.socket().contains(NUMBER)) {
            throw request.refuse(
                    "socket: %s, count: %d (expected: %%d in the path, which becomes 0 to %d)"
                            .formatted(
                                    Quoted.path(request.socket()),
                                    request.count(),
                                    request.count() - 1));
        }
        Supplier<Device> factory = configure(request, types);
        for (int i = 0; i < request.count(); i++) {
            String socket = request.socket().replace(NUMBER, Integer.toString(i));
            devices.add(
                    new PlannedDevice(
                            nextName(request.type()),
                            endpoint(request, socket),
                            request.terms().service(),
                            factory));
        }
    }

    private Supplier<Device> configure(ServeRequest request, DeviceTypes types) {
        try {
            return filtered(request, types.type(request.type()).configure(request.settings()));
        } catch (UsageException e) {
            throw new UsageException(request.origin() + e.getMessage(), e);
        }
    }

    private Supplier<Device> filtered(ServeRequest request, Supplier<Device> factory) {
        if (request.filters().isEmpty() && !adjustable) {
            return factory;
        }
        FilterKinds kinds = FilterKinds.installed();
        return new FilteredFactory(
                request.origin(),
                factory,
                request.filters().stream().map(kinds::parse).toList(),
                adjustable);
    }

    private Endpoint endpoint(ServeRequest request, String text) {
        if (text.startsWith(InheritedSockets.PREFIX)) {
            var endpoint = inherited.endpoint(request.origin() + "socket: ", text);
            addOnce(request, text, endpoint);
            return endpoint;
        }
        Path path = SocketPath.parse(request.origin() + "socket", text);
        addOnce(request, text, path.toAbsolutePath().normalize());
        return Endpoint.at(path).withPermissions(request.terms().permissions());
    }

    private void addOnce(ServeRequest request, String text, Object socket) {
        if (!sockets.add(socket)) {
            throw request.refuse(
                    "socket: %s: twice (expected: one of its own for each device)"
                            .formatted(Quoted.path(text)));
        }
    }

    private String nextName(String type) {
        return type + (perType.merge(type, 1, Integer::sum) - 1);
    }
}
