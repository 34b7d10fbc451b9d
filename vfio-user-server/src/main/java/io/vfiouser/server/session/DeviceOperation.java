package io.vfiouser.server.session;

import io.vfiouser.device.ResetReason;
import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.server.dispatch.QuietPeriod;
import io.vfiouser.server.observe.ClientView;
import io.vfiouser.server.observe.DeviceView;
import io.vfiouser.server.observe.IrqView;
import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What those who run the server do to a device, beside its client. On the device's loop.
public final class DeviceOperation {
    private final DeviceHost host;

    /// Operates a device.
    public DeviceOperation(DeviceHost host) {
        this.host = host;
    }

    /// How the device is now.
    public DeviceView view() {
        Session session = host.session();
        Attachment attachment = session == null ? null : session.attachment();
        return new DeviceView(
                client(session, attachment),
                config(),
                attachment == null ? List.of() : attachment.memory().ranges(),
                attachment == null ? List.of() : irqs(attachment),
                host.migrationState());
    }

    /// Resets the device as DEVICE_RESET does, while its client waits.
    ///
    /// @throws IllegalStateException while a command is at work, or a client is leaving
    public Completion reset() {
        Session session = host.session();
        if (session == null) {
            return host.code().reset(ResetReason.DEVICE_RESET);
        }
        if (session.isBusy() || session.isEnded()) {
            throw new IllegalStateException(
                    session + " (expected: no command at work, and no client that is leaving)");
        }
        session.gather();
        Attachment attachment = session.attachment();
        Completion completion =
                attachment == null
                        ? host.code().reset(ResetReason.DEVICE_RESET)
                        : new QuietPeriod(attachment.dma(), host.code())
                                .during(() -> host.code().reset(ResetReason.DEVICE_RESET));
        if (completion instanceof Completion.Pending(var stage)) {
            session.interpose(stage.handle((_, _) -> true));
        }
        return completion;
    }

    /// Fires an interrupt as the device would.
    ///
    /// @return whether the client listens to it
    /// @throws IllegalArgumentException if the device has no such interrupt
    public boolean interrupt(IrqIndex index, int vector) {
        int count = host.layout().irqCount(index);
        if (vector < 0 || vector >= count) {
            throw new IllegalArgumentException(
                    index
                            + "."
                            + vector
                            + " (expected: one of the "
                            + count
                            + " that the layout has)");
        }
        Session session = host.session();
        Attachment attachment = session == null ? null : session.attachment();
        return attachment != null && attachment.irqs().line(index, vector).trigger();
    }

    private static Optional<ClientView> client(
            @Nullable Session session, @Nullable Attachment attachment) {
        return session == null || attachment == null
                ? Optional.empty()
                : Optional.of(
                        new ClientView(
                                session.number(),
                                attachment.since(),
                                attachment.version(),
                                session.held()));
    }

    private String config() {
        var bytes = new byte[host.config().size()];
        host.config().clientRead(0, MemorySegment.ofArray(bytes));
        return HexFormat.of().formatHex(bytes);
    }

    private static List<IrqView> irqs(Attachment attachment) {
        return attachment.irqs().views();
    }
}
