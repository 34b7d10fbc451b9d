package io.vfiouser.cli.doctor;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Looks at everything that serving devices depends on.
public final class Examination {
    private final ProcFiles proc;
    private final ToolSearch tools;
    private final Path directory;

    private Examination(ProcFiles proc, ToolSearch tools, Path directory) {
        this.proc = proc;
        this.tools = tools;
        this.directory = directory;
    }

    /// Of this machine.
    ///
    /// @param directory where sockets shall be
    /// @param path the directories of programs, as in the variable `PATH`
    public static Examination ofThisMachine(Path directory, String path) {
        return new Examination(new ProcFiles(Path.of("/proc")), new ToolSearch(path), directory);
    }

    /// @param proc in place of `/proc`
    static Examination of(Path proc, Path directory, String path) {
        return new Examination(new ProcFiles(proc), new ToolSearch(path), directory);
    }

    /// All findings, what the server needs before what guests need.
    public List<Finding> findings() {
        var findings = new ArrayList<Finding>();
        findings.addAll(new SystemChecks(proc).findings());
        findings.add(new SocketDirectory(directory).finding());
        findings.addAll(new GuestChecks(tools).findings());
        return findings;
    }
}
