/// Events for the JDK Flight Recorder, all of them off until a recording asks for them.
@NullMarked
package io.vfiouser.server.events;

import org.jspecify.annotations.NullMarked;
