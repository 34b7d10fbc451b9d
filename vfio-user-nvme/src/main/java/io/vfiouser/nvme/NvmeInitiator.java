package io.vfiouser.nvme;

import io.vfiouser.client.ClientException;
import io.vfiouser.client.RemoteIrq;
import io.vfiouser.os.PeerCredentials;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The host of one NVMe controller behind a vfio-user server, as a driver is: enables it, runs
/// admin commands, opens I/O queues.
///
/// ```java
/// try (var nvme = NvmeInitiator.connect(Path.of("/run/vm1/nvme.sock"));
///         var queue = nvme.openQueue(CompletionMode.POLLED);
///         var buffer = nvme.allocate(4096)) {
///     queue.read(nvme.namespace(1), 0, 1, buffer, 0);
/// }
/// ```
///
/// May be used from any thread but an event loop; each queue from one thread at a time. Admin
/// commands wait for their end; those that the controller refuses throw [NvmeStatusException], a
/// connection that is lost throws [ClientException], a controller that does not answer in time
/// [ControllerException].
public final class NvmeInitiator implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NvmeInitiator.class);
    private static final int MSIX = 2;
    private static final long CONTIGUOUS = 1;
    private static final long INTERRUPTS = 1 << 1;

    private final NvmeOptions options;
    private final Transport transport;
    private final Registers registers;
    private final Doorbells doorbells;
    private final AdminQueue admin;
    private final ControllerSetup setup;
    private final List<NvmeQueue> queues = new ArrayList<>();
    private final BitSet queueIds = new BitSet();
    private boolean closed;

    private NvmeInitiator(Transport transport, NvmeOptions options) {
        this.transport = transport;
        this.options = options;
        this.registers = new Registers(transport.bar());
        this.doorbells = transport.doorbells(registers.stride());
        this.admin = new AdminQueue(transport.pool(), doorbells, registers, options.timeout());
        admin.enable();
        this.setup = ControllerSetup.run(admin, registers.version());
    }

    /// Connects and enables the controller, with the default options.
    ///
    /// @param socket path of the server's socket
    /// @throws java.io.UncheckedIOException if nobody listens there
    public static NvmeInitiator connect(Path socket) {
        return connect(socket, NvmeOptions.defaults());
    }

    /// Connects and enables the controller, resetting it first if it is enabled.
    ///
    /// @param socket path of the server's socket
    /// @throws java.io.UncheckedIOException if nobody listens there
    public static NvmeInitiator connect(Path socket, NvmeOptions options) {
        Transport transport = Transport.open(socket, options);
        try {
            return new NvmeInitiator(transport, options);
        } catch (RuntimeException e) {
            transport.close();
            throw e;
        }
    }

    /// What the controller said of itself when it was enabled.
    public ControllerIdentity controller() {
        return setup.controller();
    }

    /// The namespaces that were active when the controller was enabled, by id.
    public List<NvmeNamespace> namespaces() {
        return setup.namespaces();
    }

    /// Asks for one namespace, as it is now.
    ///
    /// @param id 1 or above
    public NvmeNamespace namespace(int id) {
        return ControllerSetup.namespace(admin, id);
    }

    /// I/O queue pairs that the controller grants.
    public int ioQueues() {
        return setup.ioQueues();
    }

    /// Whether doorbells go through the mapping, not by messages.
    public boolean doorbellsMapped() {
        return doorbells instanceof MappedDoorbells;
    }

    /// The process that serves, as the kernel noted when it began to listen.
    ///
    /// @throws io.vfiouser.os.NativeCallException once the connection is closed
    public PeerCredentials serverCredentials() {
        return transport.client().serverCredentials();
    }

    /// Asks for the SMART / Health Information log.
    public HealthLog health() {
        return HealthLog.parse(admin.log(HealthLog.PAGE_ID, -1, HealthLog.SIZE));
    }

    /// Runs Identify.
    ///
    /// @param cns what to identify
    /// @return 4096 bytes
    public byte[] identify(int cns, int namespace) {
        return admin.identify(cns, namespace).toArray(ValueLayout.JAVA_BYTE);
    }

    /// Runs Get Log Page for the whole controller.
    ///
    /// @param size bytes, 4 to 8192, a multiple of 4
    public byte[] log(int page, int size) {
        if (size < Integer.BYTES || size > 2 * DmaPool.PAGE || size % Integer.BYTES != 0) {
            throw new IllegalArgumentException(
                    "size: " + size + " (expected: 4 to 8192, a multiple of 4)");
        }
        return admin.log(page, -1, size).toArray(ValueLayout.JAVA_BYTE);
    }

    /// Runs Get Features for a value that fits the completion.
    ///
    /// @param feature its identifier, 0 to 0xff
    /// @param namespace the namespace whose value is meant; 0 for the controller's
    /// @return the current value
    public int feature(int feature, int namespace) {
        String what = "Get Features 0x%02x".formatted(feature);
        return admin.run(what, Opcode.GET_FEATURES, namespace, feature & 0xff, 0);
    }

    /// The oldest asynchronous event that was not taken, as dword 0 of its completion has it: type
    /// in bits 2:0, information in bits 15:8, log page in bits 23:16.
    public OptionalInt takeEvent() {
        return admin.takeEvent();
    }

    /// Memory for the data of commands, zeroed.
    ///
    /// @param size bytes, rounded up to pages of 4096
    /// @throws IllegalStateException if [NvmeOptions#memorySize()] has no room for it
    public DmaBuffer allocate(long size) {
        return transport.pool().allocate(size);
    }

    /// Creates an I/O queue pair.
    ///
    /// @throws IllegalStateException if there are as many as the controller grants, or no memory
    public NvmeQueue openQueue(CompletionMode mode) {
        synchronized (queues) {
            int id = queueIds.nextClearBit(1);
            if (closed || id > ioQueues()) {
                throw new IllegalStateException(
                        "queues: %d open (expected: fewer than %d)"
                                .formatted(queues.size(), closed ? 0 : ioQueues()));
            }
            NvmeQueue queue = create(id, mode);
            queueIds.set(id);
            queues.add(queue);
            return queue;
        }
    }

    /// Shuts down in order: deletes the queues, has the controller shut down, withdraws the memory,
    /// closes the connection. What the controller or a lost connection do not allow is left out;
    /// idempotent.
    @Override
    public void close() {
        synchronized (queues) {
            if (closed) {
                return;
            }
            closed = true;
            setup.keepAlive().ifPresent(KeepAlive::close);
            try {
                List.copyOf(queues).forEach(NvmeQueue::close);
                if (transport.client().isOpen()) {
                    registers.shutdown();
                    transport.unshare();
                }
            } catch (ClientException | NvmeStatusException | ControllerException e) {
                LOG.debug("{} not shut down in order", controller().serial(), e);
            } finally {
                transport.close();
            }
        }
    }

    /// Deletes the queues of a pair, and gives up the memory of a pair that cannot be deleted.
    void delete(NvmeQueue queue) {
        synchronized (queues) {
            queues.remove(queue);
            if (!transport.client().isOpen()) {
                return;
            }
            admin.run("Delete I/O Submission Queue", Opcode.DELETE_SQ, 0, queue.id(), 0);
            admin.run("Delete I/O Completion Queue", Opcode.DELETE_CQ, 0, queue.id(), 0);
            queue.irq().ifPresent(RemoteIrq::disarm);
            queueIds.clear(queue.id());
            queue.free();
        }
    }

    ControllerException noCompletion(NvmeQueue queue, Duration timeout) {
        return new ControllerException(
                "queue %d: no completion in %s, %d commands in flight (expected: one; %s)"
                        .formatted(
                                queue.id(),
                                timeout,
                                queue.inFlight(),
                                registers.isFatal()
                                        ? "the controller has met a fatal error"
                                        : "the controller is up"));
    }

    private NvmeQueue create(int id, CompletionMode mode) {
        int entries = Math.min(options.queueEntries(), registers.maxEntries());
        int maxTransfer = (int) Math.min(options.maxTransfer(), controller().maxTransfer());
        boolean sgl =
                switch (options.dataPointers()) {
                    case ANY -> controller().takesSgls();
                    case PRP -> false;
                    case SGL -> true;
                };
        DmaPool pool = transport.pool();
        var pair = new QueuePair(id, entries, pool, doorbells);
        var pointers = new DataPointers(sgl, maxTransfer, pair.depth(), pool);
        Optional<RemoteIrq> irq =
                mode == CompletionMode.INTERRUPT ? Optional.of(arm(id)) : Optional.empty();
        var queue =
                new NvmeQueue(
                        this,
                        pair,
                        pointers,
                        irq,
                        pool.allocate(DmaPool.PAGE),
                        maxTransfer,
                        options.timeout());
        try {
            createRings(pair, irq);
        } catch (RuntimeException e) {
            queue.free();
            throw e;
        }
        return queue;
    }

    private void createRings(QueuePair pair, Optional<RemoteIrq> irq) {
        long shape = (long) (pair.entries() - 1) << Short.SIZE | pair.id();
        long vector = irq.map(line -> (long) line.vector() << Short.SIZE | INTERRUPTS).orElse(0L);
        admin.run(
                "Create I/O Completion Queue",
                Opcode.CREATE_CQ,
                0,
                (vector | CONTIGUOUS) << Integer.SIZE | shape,
                pair.cqIova());
        try {
            long completions = (long) pair.id() << Short.SIZE;
            admin.run(
                    "Create I/O Submission Queue",
                    Opcode.CREATE_SQ,
                    0,
                    (completions | CONTIGUOUS) << Integer.SIZE | shape,
                    pair.sqIova());
        } catch (NvmeStatusException e) {
            admin.run("Delete I/O Completion Queue", Opcode.DELETE_CQ, 0, pair.id(), 0);
            throw e;
        }
    }

    private RemoteIrq arm(int queueId) {
        long vectors = transport.client().irqInfo(MSIX).count();
        if (queueId >= vectors) {
            throw new IllegalStateException(
                    "MSI-X vectors: %d (expected: one for queue %d)".formatted(vectors, queueId));
        }
        RemoteIrq irq = transport.client().irq(MSIX, queueId);
        irq.arm();
        return irq;
    }
}
