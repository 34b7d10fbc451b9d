package io.vfiouser.server.succession;

/// The messages, in the order in which they come. The number of each is what goes over the socket.
enum Step {
    /// To the old process: who is there.
    HELLO(1),
    /// To the new process: what there is to take over.
    OFFER(2),
    /// To the old process: the devices are built, stop yours.
    FREEZE(3),
    /// To the new process: a piece of a device.
    DEVICE(4),
    /// To the new process: all devices have been sent; the socket for the next takeover comes
    /// along.
    FROZEN(5),
    /// To the old process: everything is in place.
    INSTALLED(6),
    /// To the new process: it is yours.
    COMMIT(7),
    /// To the old process: it is mine. Nothing has run here before this was sent.
    TAKEN(8),
    /// Either way: it is given up, with the reason.
    GIVEN_UP(9);

    private final int number;

    Step(int number) {
        this.number = number;
    }

    int number() {
        return number;
    }
}
