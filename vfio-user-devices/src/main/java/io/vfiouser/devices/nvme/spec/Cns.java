package io.vfiouser.devices.nvme.spec;

/// Values of the CNS field of Identify (NVMe 1.4: "Identify - CNS Values").
public final class Cns {
    public static final int NAMESPACE = 0x00;
    public static final int CONTROLLER = 0x01;
    public static final int ACTIVE_NAMESPACES = 0x02;
    public static final int NAMESPACE_DESCRIPTORS = 0x03;
    public static final int ALLOCATED_NAMESPACES = 0x10;
    public static final int ALLOCATED_NAMESPACE = 0x11;
    public static final int CONTROLLERS_OF_NAMESPACE = 0x12;
    public static final int CONTROLLERS = 0x13;

    private Cns() {}
}
