package io.vfiouser.devices.nvme.spec;

/// Opcodes of the I/O queues (NVMe 1.4: "NVM Command Set").
public final class IoOpcode {
    public static final int FLUSH = 0x00;
    public static final int WRITE = 0x01;
    public static final int READ = 0x02;
    public static final int COMPARE = 0x05;
    public static final int WRITE_ZEROES = 0x08;
    public static final int DATASET_MANAGEMENT = 0x09;
    public static final int VERIFY = 0x0c;

    private IoOpcode() {}
}
