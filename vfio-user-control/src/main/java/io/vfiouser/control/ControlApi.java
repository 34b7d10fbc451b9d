package io.vfiouser.control;

import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.vfiouser.device.Device;
import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.filters.DeviceFilter;
import io.vfiouser.filters.FilteredDevice;
import io.vfiouser.os.Errno;
import io.vfiouser.server.ServedDevice;
import io.vfiouser.server.VfioUserServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/// The calls of the API, without HTTP. Never blocks.
final class ControlApi {
    private static final int MAX_FAILURES = 1_000_000;

    private final VfioUserServer server;
    private final DeviceCatalog catalog;
    private final FilterSwitchboard filters = new FilterSwitchboard();

    ControlApi(VfioUserServer server, DeviceCatalog catalog) {
        this.server = server;
        this.catalog = catalog;
    }

    /// @return what becomes JSON
    /// @throws ApiException for a call that is not right; the stage may fail with one too
    CompletionStage<?> call(ApiRequest request) {
        List<String> path = request.path();
        return switch (path.size()) {
            case 2 -> collection(request, path.get(1));
            case 3 -> device(request, found(path.get(2)));
            case 4 -> action(request, found(path.get(2)), path.get(3));
            case 5 -> filter(request, found(path.get(2)), path.get(4));
            default -> throw notFound(request);
        };
    }

    List<ServedDevice> devices() {
        return server.devices().stream().sorted(Comparator.comparing(ServedDevice::name)).toList();
    }

    private CompletionStage<?> collection(ApiRequest request, String name) {
        if (name.equals("catalog") && request.method().equals(HttpMethod.GET)) {
            return done(Map.of("types", catalog.deviceTypes(), "filters", catalog.filters()));
        }
        if (name.equals("loops") && request.method().equals(HttpMethod.GET)) {
            return done(server.loops().stream().map(Views::loop).toList());
        }
        if (!name.equals("devices")) {
            throw notFound(request);
        }
        if (request.method().equals(HttpMethod.POST)) {
            return add(request);
        }
        require(request, HttpMethod.GET);
        return done(devices().stream().map(Views::summary).toList());
    }

    private CompletionStage<?> device(ApiRequest request, ServedDevice device) {
        if (request.method().equals(HttpMethod.DELETE)) {
            Duration grace = grace(request.query().getOrDefault("grace", "0"));
            return device.remove(grace).thenApply(removal -> Map.of("removal", removal.name()));
        }
        require(request, HttpMethod.GET);
        return device.view()
                .thenApply(view -> {
                    Map<String, Object> map = Views.summary(device);
                    map.putAll(Views.view(view));
                    map.put("stats", Views.stats(device.stats()));
                    map.put("regions", Views.registers(device));
                    map.put("filters", filters.list(device));
                    return map;
                });
    }

    private CompletionStage<?> action(ApiRequest request, ServedDevice device, String action) {
        if (action.equals("filters") && request.method().equals(HttpMethod.GET)) {
            return done(filters.list(device));
        }
        require(request, HttpMethod.POST);
        return switch (action) {
            case "filters" -> {
                String text = request.text("filter");
                yield filters.add(device, filterOf(text), text);
            }
            case "reset" -> device.reset().thenApply(_ -> Map.of());
            case "give-up" -> {
                String reason = request.optionalText("reason").orElse("by the control API");
                yield device.giveUp(reason).thenApply(_ -> Map.of());
            }
            case "disconnect" -> {
                device.disconnect("disconnected by the control API");
                yield done(Map.of());
            }
            case "move" ->
                    device.moveTo(loopOf(request)).thenApply(_ -> Map.of("loop", device.loop()));
            case "irqs" -> interrupt(request, device);
            case "fail" -> fail(request, device);
            default -> throw notFound(request);
        };
    }

    private CompletionStage<?> filter(ApiRequest request, ServedDevice device, String id) {
        if (!request.path().get(3).equals("filters")) {
            throw notFound(request);
        }
        if (request.method().equals(HttpMethod.DELETE)) {
            return filters.remove(device, id);
        }
        require(request, HttpMethod.PUT);
        return done(filters.enable(device, id, request.flag("enabled")));
    }

    private CompletionStage<?> add(ApiRequest request) {
        String type = request.text("type");
        String name = request.optionalText("name").orElse(type);
        var socket = Path.of(request.text("socket"));
        Device device = made(() -> catalog.device(type, request.texts("settings")));
        return server.serveAsync(name, FilteredDevice.adjustable(device, List.of()), socket)
                .thenApply(Views::summary);
    }

    private CompletionStage<?> interrupt(ApiRequest request, ServedDevice device) {
        String type = request.text("index");
        IrqIndex index;
        try {
            index = IrqIndex.valueOf(type);
        } catch (IllegalArgumentException e) {
            throw ApiRequest.bad("index: " + type + " (expected: INTX, MSI, MSIX, ERR or REQ)");
        }
        return device.interrupt(index, request.number("vector", 0))
                .thenApply(armed -> Map.of("armed", armed));
    }

    private int loopOf(ApiRequest request) {
        int loops = server.loops().size();
        int loop = request.number("loop", -1);
        if (loop < 0 || loop >= loops) {
            throw ApiRequest.bad("loop: " + loop + " (expected: 0 to " + (loops - 1) + ")");
        }
        return loop;
    }

    private CompletionStage<?> fail(ApiRequest request, ServedDevice device) {
        String text = request.optionalText("errno").orElse("EIO");
        Errno errno =
                Errno.named(text)
                        .orElseThrow(() ->
                                ApiRequest.bad(
                                        "errno: " + text + " (expected: a name such as EIO)"));
        int count = request.number("count", 1);
        if (count < 0 || count > MAX_FAILURES) {
            throw ApiRequest.bad("count: " + count + " (expected: 0 to " + MAX_FAILURES + ")");
        }
        return filters.fail(device, errno, count);
    }

    private DeviceFilter filterOf(String text) {
        return made(() -> catalog.filter(text));
    }

    private static <T> T made(Supplier<T> maker) {
        try {
            return maker.get();
        } catch (RuntimeException e) {
            throw ApiRequest.bad(String.valueOf(e.getMessage()));
        }
    }

    private ServedDevice found(String name) {
        return server.device(name)
                .orElseThrow(() ->
                        new ApiException(
                                HttpResponseStatus.NOT_FOUND,
                                "device: "
                                        + name
                                        + " (expected: one of "
                                        + devices().stream().map(ServedDevice::name).toList()
                                        + ")"));
    }

    private static Duration grace(String seconds) {
        try {
            int count = Integer.parseInt(seconds);
            if (count >= 0) {
                return Duration.ofSeconds(count);
            }
        } catch (NumberFormatException _) {
            // Told below, as is a negative number.
        }
        throw ApiRequest.bad("grace: " + seconds + " (expected: 0 to 2147483647 seconds)");
    }

    private static void require(ApiRequest request, HttpMethod method) {
        if (!request.method().equals(method)) {
            throw new ApiException(
                    HttpResponseStatus.METHOD_NOT_ALLOWED,
                    "method: " + request.method() + " (expected: " + method + ")");
        }
    }

    private static ApiException notFound(ApiRequest request) {
        return new ApiException(
                HttpResponseStatus.NOT_FOUND,
                "path: /" + String.join("/", request.path()) + " (expected: a call of the API)");
    }

    private static CompletionStage<?> done(Object result) {
        return CompletableFuture.completedFuture(result);
    }

    /// What each device has counted, by name, and its filters.
    Map<String, Object> overview() {
        var all = new LinkedHashMap<String, Object>();
        for (ServedDevice device : devices()) {
            Map<String, Object> map = Views.summary(device);
            map.put("stats", Views.stats(device.stats()));
            map.put("filters", filters.list(device));
            all.put(device.name(), map);
        }
        return all;
    }
}
