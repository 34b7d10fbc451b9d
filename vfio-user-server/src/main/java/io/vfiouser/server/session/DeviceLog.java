package io.vfiouser.server.session;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.helpers.AbstractLogger;
import org.slf4j.helpers.LegacyAbstractLogger;
import org.slf4j.helpers.MessageFormatter;
import org.slf4j.spi.LocationAwareLogger;

/// What a device says, under its name and within the limit of lines that its clients share, see
/// [io.vfiouser.device.DeviceContext#log]. Any thread may use it.
final class DeviceLog extends LegacyAbstractLogger {
    private static final long serialVersionUID = 1;

    /// What is between the line of the device and this, in a stack.
    private static final String CALLER = AbstractLogger.class.getName();

    private final transient Logger log;
    private final transient ClientLog limit;
    private final String device;

    /// @param log where lines go
    /// @param limit says how many
    /// @param device what each begins with
    DeviceLog(Logger log, ClientLog limit, String device) {
        this.name = log.getName();
        this.log = log;
        this.limit = limit;
        this.device = device;
    }

    @Override
    protected String getFullyQualifiedCallerName() {
        return CALLER;
    }

    /// Debugging is asked for by whoever runs the server, and told whole.
    @Override
    protected void handleNormalizedLoggingCall(
            Level level,
            @Nullable Marker marker,
            String pattern,
            Object @Nullable [] arguments,
            @Nullable Throwable cause) {
        if (level.toInt() >= Level.INFO.toInt() && !limit.admits()) {
            return;
        }
        String text =
                "[%s] %s".formatted(device, MessageFormatter.basicArrayFormat(pattern, arguments));
        if (log instanceof LocationAwareLogger aware) {
            aware.log(marker, CALLER, level.toInt(), text, null, cause);
        } else {
            log.atLevel(level).setCause(cause).log(text);
        }
    }

    @Override
    public boolean isTraceEnabled() {
        return log.isTraceEnabled();
    }

    @Override
    public boolean isDebugEnabled() {
        return log.isDebugEnabled();
    }

    @Override
    public boolean isInfoEnabled() {
        return log.isInfoEnabled();
    }

    @Override
    public boolean isWarnEnabled() {
        return log.isWarnEnabled();
    }

    @Override
    public boolean isErrorEnabled() {
        return log.isErrorEnabled();
    }
}
