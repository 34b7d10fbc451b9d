package io.vfiouser.client;

import io.vfiouser.os.Errno;
import java.io.Serial;

/// The server refused a command: it sent an error reply. The connection goes on.
public final class RemoteErrorException extends ClientException {
    @Serial private static final long serialVersionUID = 1L;

    private final int errnoNumber;
    private final int commandId;

    RemoteErrorException(Errno errno, int commandId) {
        super(CommandNames.name(commandId) + ": " + errno.name() + " (" + errno.text() + ")");
        this.errnoNumber = errno.number();
        this.commandId = commandId;
    }

    /// The errno of the error reply; EINVAL if the server named none.
    public Errno errno() {
        return Errno.of(errnoNumber);
    }

    /// The number of the command that was refused, 0 to 0xffff.
    public int commandId() {
        return commandId;
    }
}
