package io.vfiouser.cli;

import io.vfiouser.cli.probe.ProbeJson;
import io.vfiouser.cli.probe.ProbeReport;
import io.vfiouser.cli.probe.ProbeText;
import io.vfiouser.cli.probe.Prober;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "probe",
        description = {
            "Print what the device behind a socket is, like lspci -vv.",
            "",
            "Any vfio-user server will do. It must have no client: it serves one at a time."
        },
        footer = {
            "Examples:",
            "  vfio-user probe /run/vm1/gpio.sock",
            "  vfio-user probe --json /run/vm1/gpio.sock",
            "  vfio-user probe --timeout 30s /var/tmp/spdk/cntrl"
        })
final class ProbeCommand implements Runnable {
    private final PrintWriter out;

    @Parameters(paramLabel = "PATH", description = "the server's socket")
    private String socket = "";

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            description = "How long each answer may take; 5s unless given.")
    private String timeout = "5s";

    @Mixin private JsonOption json = new JsonOption();

    ProbeCommand(PrintWriter out) {
        this.out = out;
    }

    @Override
    public void run() {
        ServerAt server = ServerAt.parse(socket, timeout);
        ProbeReport report = server.talk(() -> Prober.probe(server.path(), server.timeout()));
        if (json.isAsked()) {
            out.println(ProbeJson.text(report));
        } else {
            ProbeText.lines(report).forEach(out::println);
        }
    }
}
