package io.vfiouser.devices.serial.stream;

import io.vfiouser.device.outcome.Completion;
import io.vfiouser.devices.serial.SerialBackend;
import io.vfiouser.devices.serial.SerialPort;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// A loopback plug: the guest receives what it sends. The guest's transmitter stands still until
/// its receiver has room.
public final class LoopbackBackend implements SerialBackend {
    private @Nullable SerialPort port;

    /// A plug for one port.
    public LoopbackBackend() {}

    @Override
    public void open(SerialPort port) {
        this.port = port;
        port.carrier(true);
    }

    @Override
    public Completion transmit(ByteBuffer bytes) {
        SerialPort wired = port;
        if (wired == null) {
            throw new IllegalStateException("loopback plug: not plugged in (expected: open first)");
        }
        return Completion.after(wired.receive(bytes));
    }

    @Override
    public void close() {}
}
