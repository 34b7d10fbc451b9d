package io.vfiouser.server.pci;

/// Tells of changes of the command register.
final class CommandEffect implements WriteEffect {
    static final int SIZE = 2;

    @Override
    public long sample(RegisterImage registers, int at) {
        return registers.value(at, SIZE);
    }

    @Override
    public ConfigEvent settle(RegisterImage registers, int at, long before) {
        int old = (int) before;
        int now = (int) sample(registers, at);
        return old == now ? ConfigEvent.NONE : listener -> listener.commandChanged(old, now);
    }
}
