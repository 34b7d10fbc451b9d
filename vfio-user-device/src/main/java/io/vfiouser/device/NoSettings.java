package io.vfiouser.device;

/// The settings of a device that has none.
public record NoSettings() {}
