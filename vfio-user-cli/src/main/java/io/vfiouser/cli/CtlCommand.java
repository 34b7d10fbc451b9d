package io.vfiouser.cli;

import io.vfiouser.cli.failure.CommandException;
import io.vfiouser.cli.failure.UsageException;
import io.vfiouser.control.ControlAddress;
import io.vfiouser.control.ControlClient;
import io.vfiouser.control.ControlToken;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "ctl",
        description = {
            "Control a running 'vfio-user serve --control ADDRESS'; answers are JSON.",
            "",
            "Calls:",
            "  devices                       what is served",
            "  device NAME                   how it is: client, counters, memory, interrupts",
            "  add TYPE SOCKET [KEY=VALUE..] serve one more device",
            "  remove NAME [SECONDS]         take it out of service; the client's time to leave",
            "  reset NAME                    as the client does by DEVICE_RESET",
            "  disconnect NAME               close the client's connection",
            "  give-up NAME [REASON]         from now on it looks like a card that was pulled out",
            "  loops                         what each event loop has to do",
            "  move NAME LOOP                to another event loop, with its client",
            "  irq NAME TYPE [VECTOR]        fire INTX, MSI, MSIX, ERR or REQ",
            "  fail NAME [ERRNO [COUNT]]     let the next accesses end with an error",
            "  filter NAME                   list its filters",
            "  filter NAME add FILTER        one more, as in serve --filter",
            "  filter NAME on|off|remove ID",
            "  catalog                       device types and filters that can be added",
            "  health, metrics               what monitoring asks for"
        },
        footer = {
            "Examples:",
            "  vfio-user serve gpio --socket /run/gpio.sock --control unix:/run/ctl.sock",
            "  vfio-user ctl unix:/run/ctl.sock devices",
            "  vfio-user ctl unix:/run/ctl.sock filter gpio0 add delay:read=5ms",
            "  vfio-user ctl unix:/run/ctl.sock irq gpio0 INTX"
        })
final class CtlCommand implements Callable<Integer> {
    private final PrintWriter out;

    @Parameters(index = "0", paramLabel = "ADDRESS", description = "unix:PATH or 127.0.0.1:PORT")
    private String address = "";

    @Parameters(index = "1", paramLabel = "CALL", description = "one of those above")
    private String call = "";

    @Parameters(index = "2..*", paramLabel = "ARGUMENT", description = "of the call")
    private List<String> arguments = new ArrayList<>();

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            description = "The file of serve --control-token-file.")
    private @Nullable Path tokenFile;

    CtlCommand(PrintWriter out) {
        this.out = out;
    }

    @Override
    public Integer call() {
        CtlCall request = CtlCall.of(call, arguments);
        try {
            var client = new ControlClient(ControlAddress.parse(address), token());
            ControlClient.Answer answer =
                    client.call(
                            request.method(),
                            request.path(),
                            request.body(),
                            ControlClient.PATIENCE.plus(request.grace()));
            if (!answer.isDone()) {
                throw new CommandException(answer.status() + " " + answer.body());
            }
            out.println(answer.body());
            return 0;
        } catch (IllegalArgumentException e) {
            throw new UsageException(String.valueOf(e.getMessage()), e);
        } catch (IOException e) {
            throw new CommandException(String.valueOf(e.getMessage()), e);
        }
    }

    private Optional<ControlToken> token() throws IOException {
        return tokenFile == null ? Optional.empty() : Optional.of(ControlToken.read(tokenFile));
    }
}
