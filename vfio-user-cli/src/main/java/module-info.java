/// The `vfio-user` command line; see `vfio-user --help`.
@SuppressWarnings("requires-automatic") // HdrHistogram has no module of its own
module io.vfiouser.cli {
    requires io.vfiouser.client;
    requires io.vfiouser.control;
    requires io.vfiouser.codec;
    requires io.vfiouser.device;
    requires io.vfiouser.filters;
    requires io.vfiouser.nvme;
    requires io.vfiouser.os;
    requires io.vfiouser.server;
    requires io.vfiouser.testkit;
    requires io.vfiouser.trace;
    requires info.picocli;
    requires io.netty.transport.classes.epoll;
    requires HdrHistogram;
    requires me.tongfei.progressbar;
    // Bytes that a thread has allocated.
    requires java.management;
    requires jdk.management;
    requires tools.jackson.core;
    requires tools.jackson.dataformat.yaml;
    requires org.slf4j;
    // The log level follows -v.
    requires ch.qos.logback.classic;
    requires ch.qos.logback.core;
    requires static org.jspecify;
    requires static com.google.errorprone.annotations;

    uses io.vfiouser.device.DeviceProvider;
    uses io.vfiouser.filters.FilterProvider;

    provides ch.qos.logback.classic.spi.Configurator with
            io.vfiouser.cli.StandardLog;

    // Options are fields of the command classes.
    opens io.vfiouser.cli.sandbox to
            info.picocli;
    opens io.vfiouser.cli.trace to
            info.picocli;
    opens io.vfiouser.cli to
            info.picocli;
}
