package io.vfiouser.nvme;

import io.vfiouser.client.ClientException;
import io.vfiouser.client.RegionInfo;
import io.vfiouser.client.RemoteRegion;
import io.vfiouser.client.VfioUserClient;
import io.vfiouser.os.FdBundle;
import io.vfiouser.protocol.DmaFlags;
import io.vfiouser.protocol.DmaUnmap;
import java.nio.file.Path;
import java.util.concurrent.CompletionException;

/// A connection to a controller: its registers, and the memory that both share.
final class Transport implements AutoCloseable {
    private static final int CONFIG_SPACE = 7;
    private static final long COMMAND = 4;
    private static final int MEMORY_SPACE = 1 << 1;
    private static final int BUS_MASTER = 1 << 2;
    private static final int INTX_DISABLE = 1 << 10;

    /// Bytes of SPDK's message that asks for a region.
    private static final int SPDK_REGION_INFO = 4080;

    private static final int SPDK_MAX_REGIONS = 10;

    private final VfioUserClient client;
    private final DmaPool pool;
    private final NvmeOptions options;
    private final RemoteRegion bar;

    private Transport(VfioUserClient client, DmaPool pool, NvmeOptions options) {
        this.client = client;
        this.pool = pool;
        this.options = options;
        this.bar = options.spdkRequests() ? everyRegion() : client.region(Registers.BAR);
        client.dmaMap(options.iova(), pool.memory(), 0, pool.memory().size(), DmaFlags.READ_WRITE);
        // Only with the interrupt pin off: completions come by polling or MSI-X.
        long command = client.read(CONFIG_SPACE, COMMAND, Short.BYTES);
        client.write(
                CONFIG_SPACE,
                COMMAND,
                Short.BYTES,
                command | MEMORY_SPACE | BUS_MASTER | INTX_DISABLE);
    }

    /// Connects and shares memory.
    static Transport open(Path socket, NvmeOptions options) {
        var client = VfioUserClient.connect(socket, options.client());
        var pool = new DmaPool(options.memorySize(), options.iova());
        try {
            return new Transport(client, pool, options);
        } catch (RuntimeException e) {
            client.close();
            pool.close();
            throw e;
        }
    }

    VfioUserClient client() {
        return client;
    }

    DmaPool pool() {
        return pool;
    }

    RemoteRegion bar() {
        return bar;
    }

    /// How doorbells are rung.
    ///
    /// @throws ControllerException if they have to be mapped and cannot be
    Doorbells doorbells(long stride) {
        if (options.doorbells() != DoorbellPath.POSTED) {
            var mapped = MappedDoorbells.of(bar, stride);
            if (mapped.isPresent()) {
                return mapped.get();
            }
        }
        if (options.doorbells() == DoorbellPath.MAPPED) {
            throw new ControllerException(
                    "BAR0: %s mappable (expected: an area from 0x1000 on, for doorbells)"
                            .formatted(bar.mappableAreas()));
        }
        return new PostedDoorbells(client, stride);
    }

    /// Withdraws the memory, unless the connection is gone.
    void unshare() {
        if (!client.isOpen()) {
            return;
        }
        if (options.spdkRequests()) {
            var request = DmaUnmap.region(options.iova(), pool.memory().size());
            client.send(request, FdBundle.of(pool.memory().duplicate())).close();
        } else {
            client.dmaUnmap(options.iova(), pool.memory().size());
        }
    }

    /// Ends the connection, and access to the memory.
    @Override
    public void close() {
        client.close();
        pool.close();
    }

    private RemoteRegion everyRegion() {
        int count = client.info().regionCount();
        if (count > SPDK_MAX_REGIONS) {
            throw new ControllerException(
                    "regions: %d (expected: at most %d)".formatted(count, SPDK_MAX_REGIONS));
        }
        RemoteRegion first = client.region(askFor(Registers.BAR));
        for (int region = 1; region < count; region++) {
            askFor(region).close();
        }
        return first;
    }

    private RegionInfo askFor(int region) {
        try {
            return client.async().regionInfo(region, SPDK_REGION_INFO).join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof ClientException cause ? cause : e;
        }
    }
}
