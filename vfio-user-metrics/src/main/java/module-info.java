/// Micrometer meters for a [io.vfiouser.server.VfioUserServer]. Start at
/// [io.vfiouser.metrics.DeviceMetrics].
module io.vfiouser.metrics {
    requires transitive io.vfiouser.server;
    requires transitive micrometer.core;
    requires static transitive org.jspecify;
    requires static com.google.errorprone.annotations;

    exports io.vfiouser.metrics;
}
