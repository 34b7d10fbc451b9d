package io.vfiouser.testkit.junit;

import io.vfiouser.client.VfioUserClient;
import io.vfiouser.device.Device;
import io.vfiouser.filters.TraceRecorder;
import io.vfiouser.testkit.vmm.FakeVmm;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.api.extension.ParameterResolver;

/// Serves devices on temporary sockets, new ones for each test, and hands clients of theirs to it.
///
/// ```java
/// @RegisterExtension
/// static final VfioUserServerExtension SERVER =
///         VfioUserServerExtension.serving("gpio0", GpioDevice::new);
///
/// @Test
/// void drivesAnOutput(@Served("gpio0") VfioUserClient client) {
///     client.write(2, 0x0, 1, 0xff);
/// }
/// ```
///
/// A parameter may be a [VfioUserClient], one for each device and test, a [FakeVmm] with the device
/// in it (a device has one client, so it is either of them), the [Path] of a socket, or the
/// [TraceRecorder] with the last 50 things that passed between client and device; without [Served]
/// it is for the only device. After the test all is closed, and a descriptor that is still open
/// fails it. When a test fails, what the recorder has is suppressed in the failure, to be printed
/// with it, and published as a report entry under the device's name.
///
/// The recorder stands before the regions, which can therefore not be mapped: see [#untraced()].
public final class VfioUserServerExtension
        implements BeforeEachCallback, AfterEachCallback, ParameterResolver {
    private static final String SERVER = "server";

    private final ExtensionContext.Namespace namespace =
            ExtensionContext.Namespace.create(VfioUserServerExtension.class, this);
    private final Map<String, Supplier<? extends Device>> devices;
    private final boolean traced;
    private final boolean checksDescriptors;

    private VfioUserServerExtension(
            Map<String, Supplier<? extends Device>> devices,
            boolean traced,
            boolean checksDescriptors) {
        this.devices = devices;
        this.traced = traced;
        this.checksDescriptors = checksDescriptors;
    }

    /// Serves one device.
    ///
    /// @param name under which tests ask for it; letters, digits, dots and dashes
    /// @param device makes it, once for each test; it is closed after the test
    public static VfioUserServerExtension serving(String name, Supplier<? extends Device> device) {
        return new VfioUserServerExtension(Map.of(), true, true).and(name, device);
    }

    /// Serves one more device.
    ///
    /// @param name as for [#serving]
    /// @param device as for [#serving]
    public VfioUserServerExtension and(String name, Supplier<? extends Device> device) {
        if (!name.matches("[A-Za-z0-9.-]{1,40}") || devices.containsKey(name)) {
            throw new IllegalArgumentException(
                    "name: "
                            + name
                            + " (expected: letters, digits, dots and dashes, at most 40, that no"
                            + " other device has)");
        }
        var more = new LinkedHashMap<String, Supplier<? extends Device>>(devices);
        more.put(name, Objects.requireNonNull(device, "device"));
        return new VfioUserServerExtension(more, traced, checksDescriptors);
    }

    /// Serves the devices as they are, with memory to map and ioeventfds, and records nothing.
    public VfioUserServerExtension untraced() {
        return new VfioUserServerExtension(devices, false, checksDescriptors);
    }

    /// Lets descriptors stay open, for tests that run beside each other in one JVM.
    public VfioUserServerExtension withoutDescriptorCheck() {
        return new VfioUserServerExtension(devices, traced, false);
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        var before = OpenDescriptors.now();
        context.getStore(namespace).put(SERVER, TestService.start(devices, traced, before));
    }

    @Override
    public void afterEach(ExtensionContext context) throws InterruptedException {
        TestService service = context.getStore(namespace).remove(SERVER, TestService.class);
        if (service == null) {
            return;
        }
        context.getExecutionException().ifPresent(failure -> publish(service, failure, context));
        service.close();
        if (checksDescriptors) {
            service.before().awaitNoMore();
        }
    }

    private static void publish(TestService service, Throwable failure, ExtensionContext context) {
        service.traces()
                .forEach((device, lines) -> {
                    context.publishReportEntry(device, lines);
                    failure.addSuppressed(new LastEvents(device, lines));
                });
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        Optional<Served> served = parameter.findAnnotation(Served.class);
        boolean isOurs =
                type == VfioUserClient.class
                        || type == FakeVmm.class
                        || type == TraceRecorder.class
                        || (type == Path.class && served.isPresent());
        return isOurs && served.map(name -> devices.containsKey(name.value())).orElse(true);
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        TestService service = context.getStore(namespace).get(SERVER, TestService.class);
        if (service == null) {
            throw new ParameterResolutionException(
                    parameter.getParameter()
                            + " (expected: of a test, or a method that runs before each test)");
        }
        String name =
                parameter.findAnnotation(Served.class).map(Served::value).orElseGet(this::only);
        Class<?> type = parameter.getParameter().getType();
        if (type == VfioUserClient.class) {
            return service.client(name);
        }
        if (type == FakeVmm.class) {
            return service.machine(name);
        }
        return type == Path.class ? service.socket(name) : service.recorder(name);
    }

    private String only() {
        if (devices.size() > 1) {
            throw new ParameterResolutionException(
                    "parameter: without @Served (expected: @Served with one of "
                            + devices.keySet()
                            + ")");
        }
        return devices.keySet().iterator().next();
    }
}
