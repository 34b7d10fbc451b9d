package io.vfiouser.server.session;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

class ClientLogTest {
    @Test
    void linesBeyondTheLimitAreCountedAndSaidOnce() {
        var appender = new ListAppender<ILoggingEvent>();
        appender.start();
        var logger = (Logger) LoggerFactory.getLogger(ClientLogTest.class);
        logger.setLevel(ch.qos.logback.classic.Level.INFO);
        logger.addAppender(appender);
        var now = new AtomicLong();
        var log = new ClientLog(logger, "gpio", 2, now::get);
        for (int i = 0; i < 5; i++) {
            log.line(Level.WARN, "{} came", i);
        }
        now.set(1_000_000_000);
        log.line(Level.INFO, "{} left", 5);
        log.line(Level.INFO, "{} left", 6);
        logger.detachAppender(appender);

        List<String> lines =
                appender.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
        assertThat(lines)
                .containsExactly(
                        "0 came",
                        "1 came",
                        "[gpio] 3 lines left out (expected: at most maxLogLinesPerSecond, 2)",
                        "5 left",
                        "6 left");
    }
}
