package io.vfiouser.examples.spring.autoconfigure;

import io.vfiouser.server.ServedDevice;
import io.vfiouser.server.observe.DeviceStats;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;

/// Up while all devices are served. Whether a guest is there does not count.
final class VfioUserHealthIndicator extends AbstractHealthIndicator {
    private static final Map<String, Object> GONE = Map.of("served", false);

    private final DeviceServing serving;

    VfioUserHealthIndicator(DeviceServing serving) {
        super("devices: cannot be asked");
        this.serving = serving;
    }

    @Override
    protected void doHealthCheck(Health.Builder health) {
        health.up();
        for (String name : serving.names()) {
            Optional<ServedDevice> served = serving.served(name);
            if (served.isEmpty()) {
                health.down();
            }
            health.withDetail(name, served.map(VfioUserHealthIndicator::describe).orElse(GONE));
        }
    }

    private static Map<String, Object> describe(ServedDevice served) {
        DeviceStats stats = served.stats();
        var details = new LinkedHashMap<String, Object>();
        details.put("served", true);
        details.put("socket", served.socket().toString());
        details.put("client", stats.attached());
        details.put("failures", stats.failures());
        return details;
    }
}
