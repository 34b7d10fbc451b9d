package io.vfiouser.cli.demo;

import io.vfiouser.client.VfioUserClient;
import java.util.List;

/// Drives one device over its socket and tells what it sees.
public interface DeviceDemo {
    /// All of them, in the order of the demo.
    List<DeviceDemo> ALL = List.of(new GpioDemo(), new TestdevDemo());

    /// The device type to serve.
    String type();

    /// Drives the device.
    ///
    /// @throws io.vfiouser.cli.failure.CommandException for the first thing that is not as expected
    void run(VfioUserClient client, DemoLog log);
}
