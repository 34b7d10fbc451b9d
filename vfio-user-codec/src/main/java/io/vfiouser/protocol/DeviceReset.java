package io.vfiouser.protocol;

/// Resets the device (spec: "VFIO_USER_DEVICE_RESET"). No payload; the reply is an [EmptyReply].
public record DeviceReset() implements ClientRequest {
    @Override
    public int commandId() {
        return Command.DEVICE_RESET.id();
    }
}
