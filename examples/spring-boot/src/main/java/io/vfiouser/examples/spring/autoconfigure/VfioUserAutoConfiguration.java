package io.vfiouser.examples.spring.autoconfigure;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.vfiouser.device.Device;
import io.vfiouser.metrics.DeviceMetrics;
import io.vfiouser.server.VfioUserServer;
import io.vfiouser.server.options.ServerOptions;
import java.util.concurrent.TimeUnit;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;

/// Serves every bean that is a [Device], under the bean's name, on the application's
/// `EventLoopGroup` (one of Netty's epoll transport) or, if it has none, on one of its own.
@AutoConfiguration
@ConditionalOnBean(Device.class)
@EnableConfigurationProperties(VfioUserProperties.class)
public class VfioUserAutoConfiguration {
    /// Loops for devices, where the application has none.
    @Bean(destroyMethod = "shutdownGracefully")
    @ConditionalOnMissingBean
    EventLoopGroup deviceLoops(VfioUserProperties properties) {
        return new MultiThreadIoEventLoopGroup(
                properties.eventLoops(), EpollIoHandler.newFactory());
    }

    /// The server, with no device yet. A `ServerOptions` bean says how it serves, all but the
    /// loops.
    @Bean
    @ConditionalOnMissingBean
    VfioUserServer vfioUserServer(EventLoopGroup loops, ObjectProvider<ServerOptions> options) {
        return VfioUserServer.start(
                options.getIfAvailable(ServerOptions::defaults).withEventLoopGroup(loops));
    }

    /// Puts the devices on the server, and takes them off in the end.
    @Bean
    DeviceServing deviceServing(
            VfioUserServer server, ListableBeanFactory beans, VfioUserProperties properties) {
        return new DeviceServing(server, beans.getBeansOfType(Device.class), properties);
    }

    /// `vfioUser` in `/actuator/health`.
    @Bean
    VfioUserHealthIndicator vfioUserHealthIndicator(DeviceServing serving) {
        return new VfioUserHealthIndicator(serving);
    }

    /// `vfio.user.*` in `/actuator/metrics`. The loops look for new ones: a scrape does not tell.
    @Bean
    DeviceMetrics deviceMetrics(
            VfioUserServer server, EventLoopGroup loops, VfioUserProperties properties) {
        var metrics = new DeviceMetrics(server);
        long millis = properties.metricsInterval().toMillis();
        var _ = loops.scheduleWithFixedDelay(metrics::refresh, 0, millis, TimeUnit.MILLISECONDS);
        return metrics;
    }
}
