package io.vfiouser.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.vfiouser.cli.failure.CommandException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

class OpenFilesTest {
    private final StringWriter told = new StringWriter();
    private final PrintWriter err = new PrintWriter(told, true);

    @Test
    void readsTheSoftLimitOfTheKernel() {
        List<String> limits =
                List.of(
                        "Limit                     Soft Limit           Hard Limit           Units",
                        "Max open files            1024                 20000               "
                                + " files");
        assertThat(OpenFiles.of(limits)).contains(new OpenFiles(1024));
        assertThat(OpenFiles.of(List.of("Max open files   unlimited  unlimited  files"))).isEmpty();
        assertThat(OpenFiles.allowed()).isPresent();
    }

    @Test
    void refusesDevicesThatFindNoRoomForTheirSockets() {
        assertThatExceptionOfType(CommandException.class)
                .isThrownBy(() -> new OpenFiles(1024).check(1000, err))
                .withMessage(
                        "open files: 1024 (expected: at least 1120 for 1000 devices, 2120 with"
                                + " clients on all; raise the hard limit, nofile: ulimit -Hn)");
    }

    @Test
    void warnsWhereNotAllClientsFindRoom() {
        new OpenFiles(1024).check(500, err);
        assertThat(told.toString())
                .startsWith(
                        "vfio-user: open files: 1024 (expected: at least 1120 for clients on all");
    }

    @Test
    void isSilentWhereThereIsRoom() {
        new OpenFiles(1024).check(100, err);
        assertThat(told.toString()).isEmpty();
    }
}
