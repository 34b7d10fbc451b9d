package io.vfiouser.devices.serial;

import io.vfiouser.device.outcome.Completion;
import java.nio.ByteBuffer;

/// What is on the other end of a [SerialDevice]'s cable: it gets what the guest sends, and gives
/// the [SerialPort] what the guest shall receive.
///
/// All calls but [#open] and [#close] come on the device's loop and must not block. A backend is
/// one device's: it is opened once, and closed with it.
public interface SerialBackend extends AutoCloseable {
    /// The cable is plugged in. Called once, before all else, by the thread that makes the device.
    ///
    /// @param port may be used from any thread, at once and until [#close]
    void open(SerialPort port);

    /// Takes bytes that the guest has sent; the next ones come when the completion is done, and
    /// until then the guest's transmitter fills up. One that fails is logged, and its bytes are
    /// lost.
    ///
    /// @param bytes 1 to 16 of them, to be read between position and limit; valid until the
    ///   completion is done
    Completion transmit(ByteBuffer bytes);

    /// The guest begins or ends a break: it holds the line low.
    default void breakChanged(boolean on) {}

    /// The guest drives its modem control lines.
    ///
    /// @param dataTerminalReady DTR: up while a program has the port open
    /// @param requestToSend RTS: the guest is ready for bytes
    default void modemControl(boolean dataTerminalReady, boolean requestToSend) {}

    /// The device has gone; releases what the backend owns. Called once.
    @Override
    void close();
}
