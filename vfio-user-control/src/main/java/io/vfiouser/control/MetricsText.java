package io.vfiouser.control;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vfiouser.metrics.DeviceMetrics;
import io.vfiouser.server.VfioUserServer;

/// The metrics of a server as Prometheus reads them.
final class MetricsText implements AutoCloseable {
    static final String TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private final PrometheusMeterRegistry registry =
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final DeviceMetrics metrics;

    MetricsText(VfioUserServer server) {
        metrics = new DeviceMetrics(server);
        metrics.bindTo(registry);
    }

    String scrape() {
        metrics.refresh();
        return registry.scrape();
    }

    @Override
    public void close() {
        metrics.close();
        registry.close();
    }
}
