package io.vfiouser.devices.nvme.spec;

/// Feature identifiers (NVMe 1.4: "Feature Specific Information").
public final class FeatureId {
    public static final int ARBITRATION = 0x01;
    public static final int POWER_MANAGEMENT = 0x02;
    public static final int TEMPERATURE_THRESHOLD = 0x04;
    public static final int ERROR_RECOVERY = 0x05;
    public static final int VOLATILE_WRITE_CACHE = 0x06;
    public static final int NUMBER_OF_QUEUES = 0x07;
    public static final int INTERRUPT_COALESCING = 0x08;
    public static final int INTERRUPT_VECTOR_CONFIG = 0x09;
    public static final int WRITE_ATOMICITY = 0x0a;
    public static final int ASYNC_EVENT_CONFIG = 0x0b;
    public static final int TIMESTAMP = 0x0e;
    public static final int KEEP_ALIVE_TIMER = 0x0f;
    public static final int HOST_IDENTIFIER = 0x81;

    private FeatureId() {}
}
