package io.vfiouser.devices.nvme.namespace;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// The namespaces of a controller, numbered from 1 without gaps.
public final class Namespaces {
    private final Namespace[] all;

    /// These namespaces.
    ///
    /// @param namespaces in the order of their ids, which start at 1
    public Namespaces(List<Namespace> namespaces) {
        all = namespaces.toArray(Namespace[]::new);
    }

    /// How many there are; also the largest id.
    public int count() {
        return all.length;
    }

    /// The namespace with this id, if there is one.
    ///
    /// @param id unsigned, any number
    public @Nullable Namespace find(int id) {
        return id > 0 && id <= all.length ? all[id - 1] : null;
    }

    /// The namespace at a place.
    ///
    /// @param index 0 to [#count()] - 1
    public Namespace at(int index) {
        return all[index];
    }

    /// Tells the backends that their batches are complete.
    public void closeBatches() {
        for (Namespace namespace : all) {
            if (namespace.isBatchOpen()) {
                namespace.setBatchOpen(false);
                namespace.backend().submitted();
            }
        }
    }
}
