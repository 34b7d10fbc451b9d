package io.vfiouser.server.options;

import io.vfiouser.protocol.Dialect;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/// How one device is served: what its clients may use and how they are treated. Immutable.
///
/// A new option is a field of `Values` with its default, a `with` and an accessor, a line each.
public final class ServiceOptions {
    private static final ServiceOptions DEFAULTS = new ServiceOptions(new Values());

    private final Values values;

    private ServiceOptions(Values values) {
        this.values = values;
    }

    /// The default of each option, as said there.
    public static ServiceOptions defaults() {
        return DEFAULTS;
    }

    /// What each client may use; [Limits#defaults()].
    public Limits limits() {
        return values.limits;
    }

    /// The same options with other limits.
    public ServiceOptions withLimits(Limits limits) {
        Objects.requireNonNull(limits, "limits");
        return with(v -> v.limits = limits);
    }

    /// Who may be a client; everybody who may write to the socket's file.
    public AllowedPeers allowedPeers() {
        return values.allowedPeers;
    }

    /// The same options with other allowed peers.
    public ServiceOptions withAllowedPeers(AllowedPeers peers) {
        Objects.requireNonNull(peers, "peers");
        return with(v -> v.allowedPeers = peers);
    }

    /// What becomes of a client that connects while another one is there; it waits.
    public SecondClient secondClient() {
        return values.secondClient;
    }

    /// The same options with another fate for a second client.
    public ServiceOptions withSecondClient(SecondClient fate) {
        Objects.requireNonNull(fate, "fate");
        return with(v -> v.secondClient = fate);
    }

    /// Whether error replies have the size that the command's good reply would have, padded; no,
    /// they are a header alone, as the specification says. Cloud Hypervisor waits for ever for the
    /// rest of a reply that is only a header.
    public boolean padErrors() {
        return values.padErrors;
    }

    /// The same options with padded error replies, or with those of the specification.
    public ServiceOptions withPadErrors(boolean pads) {
        return with(v -> v.padErrors = pads);
    }

    /// Whether the device may use client memory only while the command register's bus master bit is
    /// on, as on a real bus; no, as clients need not write that register. What the device asks for
    /// while it is off is refused with `EACCES`.
    public boolean busMasterRequired() {
        return values.busMasterRequired;
    }

    /// The same options with client memory behind the bus master bit, or not.
    public ServiceOptions withBusMasterRequired(boolean required) {
        return with(v -> v.busMasterRequired = required);
    }

    /// When a device is given up ([io.vfiouser.server.ServedDevice#giveUp]) for what its code
    /// throws; never, only that request ends with an error.
    public GiveUp giveUp() {
        return values.giveUp;
    }

    /// The same options with a device given up for less, or for more.
    public ServiceOptions withGiveUp(GiveUp when) {
        Objects.requireNonNull(when, "when");
        return with(v -> v.giveUp = when);
    }

    /// What the clients speak; [Dialect#CURRENT]. It cannot be told from what they send.
    public Dialect dialect() {
        return values.dialect;
    }

    /// The same options for clients of another dialect.
    public ServiceOptions withDialect(Dialect dialect) {
        Objects.requireNonNull(dialect, "dialect");
        return with(v -> v.dialect = dialect);
    }

    /// Where the device's state is kept while it is out of service; nowhere. A device that is taken
    /// out of service is saved there, and begins with that when it is served again under the same
    /// name (`docs/state.md`). One that is taken over by another process is not saved.
    public Optional<Path> stateDirectory() {
        return values.stateDirectory;
    }

    /// The same options for a device whose state is kept in a directory, which must exist. Its
    /// [io.vfiouser.device.Device#migratable] must be there.
    public ServiceOptions withStateDirectory(Path directory) {
        Objects.requireNonNull(directory, "directory");
        return with(v -> v.stateDirectory = Optional.of(directory));
    }

    private ServiceOptions with(Consumer<Values> change) {
        return new ServiceOptions(values.changed(change));
    }

    /// The values; never changed once an object of options has them.
    private static final class Values implements Cloneable {
        private Limits limits = Limits.defaults();
        private AllowedPeers allowedPeers = AllowedPeers.EVERYBODY;
        private SecondClient secondClient = SecondClient.WAITS;
        private boolean padErrors;
        private boolean busMasterRequired;
        private GiveUp giveUp = GiveUp.NEVER;
        private Dialect dialect = Dialect.CURRENT;
        private Optional<Path> stateDirectory = Optional.empty();

        Values changed(Consumer<Values> change) {
            try {
                var copy = (Values) clone();
                change.accept(copy);
                return copy;
            } catch (CloneNotSupportedException e) {
                throw new AssertionError(e);
            }
        }
    }
}
