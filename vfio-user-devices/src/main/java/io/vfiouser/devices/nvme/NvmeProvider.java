package io.vfiouser.devices.nvme;

import io.vfiouser.device.Device;
import io.vfiouser.device.DeviceProvider;
import io.vfiouser.device.Variant;
import io.vfiouser.devices.block.BlockBackend;
import io.vfiouser.devices.block.BlockBackends;
import java.util.List;

/// Makes [NvmeDevice]s, by the name `nvme`.
public final class NvmeProvider implements DeviceProvider<NvmeSettings> {
    /// For `ServiceLoader`.
    public NvmeProvider() {}

    @Override
    public String name() {
        return "nvme";
    }

    @Override
    public String description() {
        return "an NVMe 1.4 controller in front of memory, a file or other storage";
    }

    @Override
    public NvmeSettings defaults() {
        return NvmeSettings.defaults();
    }

    @Override
    public List<Variant> variants(String component) {
        return switch (component) {
            case "backend" -> BlockBackends.backends();
            case "filters" -> BlockBackends.filters();
            default -> List.of();
        };
    }

    @Override
    public Device create(NvmeSettings settings) {
        BlockBackend backend =
                BlockBackends.open(settings.backend().only("backend"), settings.filters());
        try {
            return NvmeDevice.builder(backend)
                    .blockSize(settings.blocksize())
                    .namespaces(settings.namespaces())
                    .queues(settings.queues())
                    .doorbells(settings.doorbells())
                    .bufferMemory(settings.buffermemory())
                    .serial(settings.serial())
                    .model(settings.model())
                    .build();
        } catch (RuntimeException e) {
            backend.close();
            throw e;
        }
    }
}
