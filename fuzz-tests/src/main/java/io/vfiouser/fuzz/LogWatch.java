package io.vfiouser.fuzz;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/// Sees what code on other threads had to log: a throwable, an error, a buffer that leaked. Nothing
/// a peer does may lead to one of them.
final class LogWatch extends AppenderBase<ILoggingEvent> {
    private static final Pattern BUG =
            Pattern.compile(
                    "\\b(NullPointer|OutOfBounds|IllegalState|IllegalArgument|ClassCast|Arithmetic"
                            + "|NegativeArraySize|ConcurrentModification)Exception");
    private static final LogWatch INSTANCE = new LogWatch();

    private final AtomicReference<@Nullable String> seen = new AtomicReference<>();

    private LogWatch() {}

    /// From now on, in place of what else listens to the log.
    static LogWatch begin() {
        Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        if (!INSTANCE.isStarted()) {
            root.detachAndStopAllAppenders();
            root.setLevel(Level.INFO);
            INSTANCE.setContext(root.getLoggerContext());
            INSTANCE.start();
            root.addAppender(INSTANCE);
        }
        return INSTANCE;
    }

    /// Throws if something was logged since the last time that should not have been.
    void check() {
        String text = seen.getAndSet(null);
        if (text != null) {
            throw new AssertionError("logged: " + text);
        }
    }

    @Override
    protected void append(ILoggingEvent event) {
        IThrowableProxy thrown = event.getThrowableProxy();
        boolean leak = event.getFormattedMessage().contains("LEAK:");
        boolean named = BUG.matcher(event.getFormattedMessage()).find();
        if (thrown != null || leak || named || event.getLevel().isGreaterOrEqual(Level.ERROR)) {
            String stack = thrown == null ? "" : "\n" + ThrowableProxyUtil.asString(thrown);
            seen.compareAndSet(
                    null, event.getLoggerName() + ": " + event.getFormattedMessage() + stack);
        }
    }
}
