package io.vfiouser.devices.nvme;

import io.vfiouser.devices.block.BlockBackend;
import io.vfiouser.devices.block.BlockProperties;
import io.vfiouser.devices.block.BlockRequest;
import io.vfiouser.devices.block.memory.MemoryBackend;
import java.util.ArrayList;
import java.util.List;

/// A memory disk that does requests only when the test says so.
final class HoldingBackend implements BlockBackend {
    private final MemoryBackend disk;
    private final List<BlockRequest> held = new ArrayList<>();
    private boolean holding;

    HoldingBackend(long bytes) {
        disk = MemoryBackend.create(bytes);
    }

    /// Keeps what is submitted from now on.
    void hold() {
        holding = true;
    }

    /// Does what was kept, and everything else at once.
    void release() {
        holding = false;
        List<BlockRequest> all = List.copyOf(held);
        held.clear();
        all.forEach(disk::submit);
    }

    /// How many requests are kept.
    int held() {
        return held.size();
    }

    @Override
    public BlockProperties properties() {
        return disk.properties();
    }

    @Override
    public void submit(BlockRequest request) {
        if (holding) {
            held.add(request);
        } else {
            disk.submit(request);
        }
    }

    @Override
    public void submitted() {
        disk.submitted();
    }

    @Override
    public void close() {
        disk.close();
    }
}
