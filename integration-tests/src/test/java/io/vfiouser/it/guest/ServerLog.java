package io.vfiouser.it.guest;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.slf4j.LoggerFactory;

/// What a class of a server in this process writes to its debug log: the session one line for each
/// message. While it is open, nothing of that goes to the console.
final class ServerLog implements AutoCloseable {
    private final ConcurrentLinkedQueue<String> lines = new ConcurrentLinkedQueue<>();
    private final Logger logger;
    private final AppenderBase<ILoggingEvent> appender =
            new AppenderBase<>() {
                @Override
                protected void append(ILoggingEvent event) {
                    lines.add(event.getFormattedMessage());
                }
            };

    private ServerLog(Logger logger) {
        this.logger = logger;
    }

    /// Begins to listen.
    ///
    /// @param name of the class
    static ServerLog of(String name) {
        var log = new ServerLog((Logger) LoggerFactory.getLogger(name));
        log.appender.start();
        log.logger.setLevel(Level.DEBUG);
        log.logger.setAdditive(false);
        log.logger.addAppender(log.appender);
        return log;
    }

    /// The lines so far that have `part` in them.
    List<String> linesWith(String part) {
        return lines.stream().filter(line -> line.contains(part)).toList();
    }

    @Override
    public void close() {
        logger.detachAppender(appender);
        logger.setAdditive(true);
        logger.setLevel(null);
    }
}
