package io.vfiouser.server.pci;

/// Something that a write brought about, to be told once the whole write is applied.
interface ConfigEvent {
    /// Nothing to tell.
    ConfigEvent NONE = _ -> {};

    void tell(ConfigSpaceListener listener);

    /// Tells this one, then `next`.
    default ConfigEvent then(ConfigEvent next) {
        if (equals(NONE)) {
            return next;
        }
        return next.equals(NONE)
                ? this
                : listener -> {
                    tell(listener);
                    next.tell(listener);
                };
    }
}
