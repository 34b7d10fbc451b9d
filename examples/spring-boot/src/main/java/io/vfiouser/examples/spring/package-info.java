/// A Spring Boot application with two devices. Start at
/// [io.vfiouser.examples.spring.DeviceApplication].
@NullMarked
package io.vfiouser.examples.spring;

import org.jspecify.annotations.NullMarked;
