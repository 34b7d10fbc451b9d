package io.vfiouser.devices.serial;

import java.nio.ByteBuffer;
import java.util.concurrent.CompletionStage;

/// The guest's end of the cable, in the hands of a [SerialBackend]. May be used from any thread.
public interface SerialPort {
    /// Gives the guest bytes, at its speed: they wait while its FIFO is full, while its UART is in
    /// loopback mode, and while there is no guest.
    ///
    /// @param bytes those between position and limit; belongs to the port until the stage is
    ///   complete
    /// @return complete when the UART has taken the last of them; the next bytes, or a break, may
    ///   be given then and not before. Complete exceptionally with a [java.io.IOException] once the
    ///   device is closed. Completes on the device's loop
    /// @throws IllegalStateException if the ones before are still waiting
    CompletionStage<?> receive(ByteBuffer bytes);

    /// Gives the guest a break, in order with the bytes.
    ///
    /// @return as for [#receive]
    /// @throws IllegalStateException if bytes are still waiting
    CompletionStage<?> receiveBreak();

    /// Whether somebody is there: drives the guest's DCD, DSR and CTS lines. Down until this is
    /// called.
    void carrier(boolean present);
}
