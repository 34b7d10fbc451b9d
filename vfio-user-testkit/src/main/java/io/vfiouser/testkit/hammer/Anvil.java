package io.vfiouser.testkit.hammer;

import io.vfiouser.client.ClientException;
import io.vfiouser.client.ClientOptions;
import io.vfiouser.client.RemoteErrorException;
import io.vfiouser.client.VfioUserClient;
import io.vfiouser.os.SharedMemory;
import io.vfiouser.protocol.DeviceGetInfo;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// What is struck: the server, through the client of the moment, and what the client has of it.
final class Anvil implements AutoCloseable {
    /// Guest memory that blows map pieces of.
    static final int MEMORY = 1 << 20;

    private static final int MAX_INDEXES = 64;

    private final Path socket;
    private final ClientOptions options;
    private final SharedMemory memory = SharedMemory.create("hammer", MEMORY);
    private final List<Long> regionSizes = new ArrayList<>();
    private final List<Integer> vectors = new ArrayList<>();
    private final boolean resettable;
    private VfioUserClient client;

    Anvil(Path socket, ClientOptions options) {
        this.socket = socket;
        this.options = options;
        VfioUserClient first = null;
        try {
            first = VfioUserClient.connect(socket, options);
            DeviceGetInfo.Reply info = first.info();
            this.resettable = info.resettable();
            for (int i = 0; i < Math.min(info.regionCount(), MAX_INDEXES); i++) {
                regionSizes.add(sizeOf(first, i));
            }
            for (int i = 0; i < Math.min(info.irqCount(), MAX_INDEXES); i++) {
                vectors.add(vectorsOf(first, i));
            }
            this.client = first;
        } catch (RuntimeException e) {
            memory.close();
            if (first != null) {
                first.close();
            }
            throw e;
        }
    }

    VfioUserClient client() {
        return client;
    }

    Path socket() {
        return socket;
    }

    ClientOptions options() {
        return options;
    }

    SharedMemory memory() {
        return memory;
    }

    boolean isResettable() {
        return resettable;
    }

    /// An index of a region, mostly one that the device has.
    int anyRegion(Random random) {
        return anyIndex(random, regionSizes.stream().map(size -> size > 0).toList());
    }

    /// Bytes, 0 for one that the device does not have.
    long regionSize(int region) {
        return region < regionSizes.size() ? regionSizes.get(region) : 0;
    }

    /// An index of an interrupt type, mostly one that the device has.
    int anyIrq(Random random) {
        return anyIndex(random, vectors.stream().map(count -> count > 0).toList());
    }

    /// Vectors, 0 for one that the device does not have.
    int vectors(int index) {
        return index < vectors.size() ? vectors.get(index) : 0;
    }

    /// Leaves and comes again.
    void reconnect() {
        client.close();
        client = VfioUserClient.connect(socket, options);
    }

    /// Leaves, so that another connection can be made.
    void leave() {
        client.close();
    }

    @Override
    public void close() {
        client.close();
        memory.close();
    }

    private static int anyIndex(Random random, List<Boolean> present) {
        if (present.isEmpty() || random.nextInt(16) == 0) {
            return random.nextInt(present.size() + 2);
        }
        for (int tries = 0; tries < 64; tries++) {
            int index = random.nextInt(present.size());
            if (present.get(index)) {
                return index;
            }
        }
        return 0;
    }

    private static long sizeOf(VfioUserClient client, int region) {
        try (var info = client.regionInfo(region)) {
            return info.size();
        } catch (RemoteErrorException _) {
            return 0;
        }
    }

    private static int vectorsOf(VfioUserClient client, int index) throws ClientException {
        try {
            return client.irqInfo(index).count();
        } catch (RemoteErrorException _) {
            return 0;
        }
    }
}
