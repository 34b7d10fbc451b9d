package io.vfiouser.cli.plan;

import io.vfiouser.cli.failure.UsageException;
import io.vfiouser.cli.text.Quoted;
import io.vfiouser.cli.text.SocketPath;
import io.vfiouser.cli.types.DeviceTypes;
import io.vfiouser.device.Device;
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
    private final Set<Path> sockets = new HashSet<>();
    private final Map<String, Integer> perType = new HashMap<>();

    private ServePlan() {}

    /// The plan for `requests`.
    ///
    /// @throws UsageException for an unknown type or setting, a path that cannot be a socket's or
    ///   that two devices would share
    public static ServePlan of(List<ServeRequest> requests, DeviceTypes types) {
        var plan = new ServePlan();
        requests.forEach(request -> plan.add(request, types));
        return plan;
    }

    /// The devices in the order in which they were asked for; at least one.
    public List<PlannedDevice> devices() {
        return List.copyOf(devices);
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
            Path socket = socket(request, request.socket().replace(NUMBER, Integer.toString(i)));
            devices.add(new PlannedDevice(nextName(request.type()), socket, factory));
        }
    }

    private static Supplier<Device> configure(ServeRequest request, DeviceTypes types) {
        try {
            return types.type(request.type()).configure(request.settings());
        } catch (UsageException e) {
            throw new UsageException(request.origin() + e.getMessage(), e);
        }
    }

    private Path socket(ServeRequest request, String text) {
        Path socket = SocketPath.parse(request.origin() + "socket", text);
        if (!sockets.add(socket.toAbsolutePath().normalize())) {
            throw request.refuse(
                    "socket: %s: twice (expected: a path of its own for each device)"
                            .formatted(Quoted.path(text)));
        }
        return socket;
    }

    private String nextName(String type) {
        return type + (perType.merge(type, 1, Integer::sum) - 1);
    }
}
