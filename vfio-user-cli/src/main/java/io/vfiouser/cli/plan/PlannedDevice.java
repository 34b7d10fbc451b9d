package io.vfiouser.cli.plan;

import io.vfiouser.device.Device;
import java.nio.file.Path;
import java.util.function.Supplier;

/// One device that will be served.
///
/// @param name unique in its plan: the type with a running number
/// @param socket where it will listen
/// @param factory makes the device; throws [io.vfiouser.cli.failure.UsageException] for settings
///   that do not go together
public record PlannedDevice(String name, Path socket, Supplier<Device> factory) {}
