package io.vfiouser.cli;

import java.io.PrintWriter;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
        name = "completion",
        description = "Print what teaches bash and zsh to complete these commands.",
        footer = {
            "Examples:",
            "  vfio-user completion > ~/.vfio-user-completion",
            "  echo '. ~/.vfio-user-completion' >> ~/.bashrc",
            "",
            "zsh takes the same after: autoload -U +X bashcompinit && bashcompinit"
        })
final class CompletionCommand implements Runnable {
    private final PrintWriter out;

    @Spec private CommandSpec spec = CommandSpec.create();

    CompletionCommand(PrintWriter out) {
        this.out = out;
    }

    @Override
    public void run() {
        CommandLine root = spec.root().commandLine();
        out.print(AutoComplete.bash("vfio-user", root));
        out.flush();
    }
}
