/// Serves the devices among the beans of any Spring Boot application: to be copied as it is. Start
/// at [io.vfiouser.examples.spring.autoconfigure.VfioUserAutoConfiguration].
@NullMarked
package io.vfiouser.examples.spring.autoconfigure;

import org.jspecify.annotations.NullMarked;
