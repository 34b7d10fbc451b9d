package io.vfiouser.examples.spring;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.vfiouser.devices.gpio.GpioDevice;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.http.client.ReactorResourceFactory;

/// An application whose devices are beans, and whose HTTP calls and guests share event loops.
@SpringBootApplication
public class DeviceApplication {
    private static final int LOOPS = 2;

    /// The threads of the application.
    @Bean(destroyMethod = "shutdownGracefully")
    EventLoopGroup eventLoops() {
        return new MultiThreadIoEventLoopGroup(LOOPS, EpollIoHandler.newFactory());
    }

    /// Has the web server use them too.
    @Bean
    ReactorResourceFactory reactorResources(EventLoopGroup eventLoops) {
        var resources = new ReactorResourceFactory();
        resources.setUseGlobalResources(false);
        resources.setLoopResources(_ -> eventLoops);
        return resources;
    }

    /// A device from the shelf. The server closes it, so Spring must not.
    @Bean(destroyMethod = "")
    GpioDevice gpio0() {
        return new GpioDevice();
    }

    /// A device of the application's own.
    @Bean(destroyMethod = "")
    Thermometer thermometer0() {
        return new Thermometer();
    }

    /// @param args properties, such as `--vfio-user.directory=/run/vm1`
    static void main(String[] args) {
        SpringApplication.run(DeviceApplication.class, args);
    }
}
