package io.vfiouser.cli.probe;

import io.vfiouser.cli.pci.ConfigImage;
import io.vfiouser.cli.probe.ProbeReport.IrqFacts;
import io.vfiouser.cli.probe.ProbeReport.RegionFacts;
import io.vfiouser.client.ClientOptions;
import io.vfiouser.client.ConnectionClosedException;
import io.vfiouser.client.RegionInfo;
import io.vfiouser.client.ReplyTimeoutException;
import io.vfiouser.client.VfioUserClient;
import io.vfiouser.protocol.Capabilities;
import io.vfiouser.protocol.DeviceGetInfo;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Asks a server what its device is. It only reads: the device is left as it was, apart from what
/// the server does when a client leaves.
public final class Prober {
    private static final int MAX_REGIONS = 256;
    private static final int MAX_IRQS = 256;
    private static final int MAX_CONFIG_SIZE = 4096;
    private static final int CONFIG_CHUNK = 256;

    private final Path socket;
    private final VfioUserClient client;

    private Prober(Path socket, VfioUserClient client) {
        this.socket = socket;
        this.client = client;
    }

    /// Connects, asks, leaves.
    ///
    /// @param timeout how long each answer may take
    /// @throws NotServedException if the server does not answer the first message
    public static ProbeReport probe(Path socket, Duration timeout) {
        try (var client = connect(socket, ClientOptions.defaults().withTimeout(timeout))) {
            return new Prober(socket, client).report();
        }
    }

    private static VfioUserClient connect(Path socket, ClientOptions options) {
        try {
            return VfioUserClient.connect(socket, options);
        } catch (ReplyTimeoutException e) {
            throw new NotServedException(
                    e, "if it has a client already, later ones wait (--second-client=wait)");
        } catch (ConnectionClosedException e) {
            throw new NotServedException(
                    e, "if it has a client already, it refuses others (--second-client=refuse)");
        }
    }

    private ProbeReport report() {
        DeviceGetInfo.Reply device = client.info();
        Capabilities limits = client.serverCapabilities();
        List<RegionFacts> regions = regions(Math.min(device.regionCount(), MAX_REGIONS));
        return new ProbeReport(
                socket,
                client.minorVersion(),
                limits,
                device,
                regions,
                irqs(Math.min(device.irqCount(), MAX_IRQS)),
                config(regions, limits));
    }

    private List<RegionFacts> regions(int count) {
        List<RegionFacts> regions = new ArrayList<>();
        for (int index = 0; index < count; index++) {
            try (RegionInfo info = client.regionInfo(index)) {
                regions.add(
                        new RegionFacts(index, info.flags(), info.size(), info.mappableAreas()));
            }
        }
        return regions;
    }

    private List<IrqFacts> irqs(int count) {
        List<IrqFacts> irqs = new ArrayList<>();
        for (int index = 0; index < count; index++) {
            var info = client.irqInfo(index);
            irqs.add(new IrqFacts(index, info.flags(), info.count()));
        }
        return irqs;
    }

    private ConfigImage config(List<RegionFacts> regions, Capabilities limits) {
        var bytes = new ByteArrayOutputStream();
        if (regions.size() > ProbeReport.CONFIG) {
            long announced = regions.get(ProbeReport.CONFIG).size();
            int size =
                    Long.compareUnsigned(announced, MAX_CONFIG_SIZE) > 0
                            ? MAX_CONFIG_SIZE
                            : (int) announced;
            int chunk = Math.min(CONFIG_CHUNK, limits.maxDataXferSize());
            while (bytes.size() < size) {
                int count = Math.min(chunk, size - bytes.size());
                byte[] part = client.readBytes(ProbeReport.CONFIG, bytes.size(), count);
                if (part.length == 0) {
                    break;
                }
                bytes.writeBytes(part);
            }
        }
        return new ConfigImage(bytes.toByteArray());
    }
}
