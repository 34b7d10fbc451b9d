package io.vfiouser.testkit.junit;

import io.vfiouser.device.Device;
import io.vfiouser.testkit.DeviceTester;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/// Gives each test that has a [DeviceTester] among its parameters one with a device of its own,
/// closed after the test. When the test fails, the tester's last 50 accesses are printed by
/// register name below its failure.
///
/// ```java
/// @RegisterExtension
/// static final DeviceTesterExtension GPIO = DeviceTesterExtension.of(GpioDevice::new);
///
/// @Test
/// void loopsBack(DeviceTester tester) {
///     tester.write("OUT0_7", 0xa5);
///     assertEquals(0xa5, tester.read("IN0_7"));
/// }
/// ```
public final class DeviceTesterExtension implements ParameterResolver, AfterEachCallback {
    private static final String TESTER = "tester";

    private final ExtensionContext.Namespace namespace =
            ExtensionContext.Namespace.create(DeviceTesterExtension.class, this);
    private final Supplier<? extends Device> device;

    private DeviceTesterExtension(Supplier<? extends Device> device) {
        this.device = Objects.requireNonNull(device, "device");
    }

    /// Testers of a device.
    ///
    /// @param device makes it, once for each test
    public static DeviceTesterExtension of(Supplier<? extends Device> device) {
        return new DeviceTesterExtension(device);
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == DeviceTester.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        ExtensionContext.Store store = context.getStore(namespace);
        DeviceTester tester = store.get(TESTER, DeviceTester.class);
        if (tester == null) {
            tester = DeviceTester.attach(device.get());
            store.put(TESTER, tester);
        }
        return tester;
    }

    @Override
    public void afterEach(ExtensionContext context) {
        DeviceTester tester = context.getStore(namespace).remove(TESTER, DeviceTester.class);
        if (tester == null) {
            return;
        }
        context.getExecutionException().ifPresent(failure -> publish(tester, failure, context));
        tester.close();
    }

    private static void publish(DeviceTester tester, Throwable failure, ExtensionContext context) {
        String lines = lines(tester);
        if (!lines.isEmpty()) {
            context.publishReportEntry("device", lines);
            failure.addSuppressed(new LastEvents("device", lines));
        }
    }

    /// A line for each access.
    static String lines(DeviceTester tester) {
        return tester.lastAccesses().stream()
                .map(Object::toString)
                .collect(Collectors.joining("\n"));
    }
}
