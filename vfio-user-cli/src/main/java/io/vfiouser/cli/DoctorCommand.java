package io.vfiouser.cli;

import io.vfiouser.cli.doctor.Examination;
import io.vfiouser.cli.doctor.Finding;
import io.vfiouser.cli.failure.CommandException;
import io.vfiouser.cli.text.JsonText;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "doctor",
        description = {
            "Look whether this machine can serve devices and give them to guests, and say what to"
                    + " do where it cannot."
        },
        footer = {
            "Examples:",
            "  vfio-user doctor",
            "  vfio-user doctor --directory /run/vm1 --json",
            "",
            "It ends with 1 if devices cannot be served."
        })
final class DoctorCommand implements Runnable {
    private final PrintWriter out;

    @Option(
            names = "--directory",
            paramLabel = "DIR",
            description = "Where sockets shall be; here unless given.")
    private Path directory = Path.of("");

    @Mixin private JsonOption json = new JsonOption();

    DoctorCommand(PrintWriter out) {
        this.out = out;
    }

    @Override
    public void run() {
        String path = System.getenv().getOrDefault("PATH", "");
        List<Finding> findings =
                Examination.ofThisMachine(directory.toAbsolutePath(), path).findings();
        if (json.isAsked()) {
            out.println(json(findings));
        } else {
            findings.forEach(this::print);
        }
        out.flush();
        long failed =
                findings.stream()
                        .filter(finding -> finding.verdict() == Finding.Verdict.FAIL)
                        .count();
        if (failed > 0) {
            throw new CommandException(
                    "%d of %d failed (expected: none)".formatted(failed, findings.size()));
        }
    }

    private void print(Finding finding) {
        String style =
                switch (finding.verdict()) {
                    case OK -> "green";
                    case WARN -> "yellow";
                    case FAIL -> "red";
                };
        String verdict = "%-4s".formatted(finding.verdict());
        out.printf(
                "%s  %-16s %s%n",
                Ansi.AUTO.text("@|%s %s|@".formatted(style, verdict)),
                finding.subject(),
                finding.seen());
        if (!finding.advice().isEmpty()) {
            out.printf("      %-16s -> %s%n", "", finding.advice());
        }
    }

    private static String json(List<Finding> findings) {
        return JsonText.value(json -> {
            json.writeStartArray();
            for (Finding finding : findings) {
                JsonText.object(
                        json,
                        fields -> {
                            fields.writeStringProperty("verdict", finding.verdict().toString());
                            fields.writeStringProperty("subject", finding.subject());
                            fields.writeStringProperty("seen", finding.seen());
                            fields.writeStringProperty("advice", finding.advice());
                        });
            }
            json.writeEndArray();
        });
    }
}
