package io.vfiouser.client;

import io.vfiouser.client.memory.ClientMemory;
import io.vfiouser.os.FdBundle;
import io.vfiouser.os.PeerCredentials;
import io.vfiouser.os.SharedMemory;
import io.vfiouser.protocol.Capabilities;
import io.vfiouser.protocol.ClientRequest;
import io.vfiouser.protocol.DeviceGetInfo;
import io.vfiouser.protocol.DeviceGetIrqInfo;
import io.vfiouser.protocol.DeviceSetIrqs;
import io.vfiouser.protocol.DmaFlags;
import io.vfiouser.protocol.LegacyRequest;
import io.vfiouser.protocol.RegionWriteMulti;
import io.vfiouser.protocol.Version;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// Drives the device behind any vfio-user server, as a virtual machine would.
///
/// ```java
/// try (var client = VfioUserClient.connect(Path.of("/run/vm1/gpio0.sock"))) {
///     long id = client.configSpace().read32(0);
///     client.write(2, 0x0, 1, 0xff);
/// }
/// ```
///
/// The methods here wait for the reply and throw a [ClientException] if there is none or a bad one;
/// any thread but an event loop may call them, several at a time. [#async()] has the same commands
/// as futures. A connection that is lost is not made again.
public final class VfioUserClient implements AutoCloseable {
    private static final int CONFIG_SPACE = 7;

    private final ClientSession session;
    private final Version.Reply version;
    private final DmaMaps dmaMaps;
    private final Resources resources;
    private final AsyncCommands async;
    private final Blocking blocking;

    VfioUserClient(
            ClientSession session,
            Version.Reply version,
            ClientMemory memory,
            Resources resources,
            Duration timeout) {
        this.session = session;
        this.version = version;
        this.resources = resources;
        this.async = new AsyncCommands(session, timeout);
        this.blocking = new Blocking(session, async);
        this.dmaMaps = new DmaMaps(blocking, memory);
    }

    /// Connects and negotiates with the default options.
    ///
    /// @param socket path of the server's socket
    /// @throws java.io.UncheckedIOException if nobody listens there
    /// @throws ClientException if the server refuses or does not answer
    public static VfioUserClient connect(Path socket) {
        return connect(socket, ClientOptions.defaults());
    }

    /// Connects and negotiates.
    ///
    /// @param socket path of the server's socket
    /// @throws java.io.UncheckedIOException if nobody listens there
    /// @throws ClientException if the server refuses or does not answer
    public static VfioUserClient connect(Path socket, ClientOptions options) {
        options.eventLoopGroup()
                .ifPresent(group -> Blocking.checkMayWait(Connection.isLoopOf(group)));
        return Blocking.join(connectAsync(socket, options));
    }

    /// Connects and negotiates without waiting.
    ///
    /// @return the client, which the caller closes; fails as [#connect(Path, ClientOptions)] throws
    public static CompletableFuture<VfioUserClient> connectAsync(
            Path socket, ClientOptions options) {
        return new Attempt(options).start(socket);
    }

    /// The same connection, whose calls wait for their replies as long as `limit` says.
    ///
    /// Closing either closes both.
    public VfioUserClient withTimeout(Duration limit) {
        return new VfioUserClient(session, version, dmaMaps.memory(), resources, limit);
    }

    /// All commands as futures.
    public AsyncCommands async() {
        return async;
    }

    /// The limits of the server.
    public Capabilities serverCapabilities() {
        return version.capabilities();
    }

    /// The process that serves, as the kernel noted when it began to listen.
    ///
    /// @throws io.vfiouser.os.NativeCallException once the connection is closed
    public PeerCredentials serverCredentials() {
        return session.connection().server();
    }

    /// The minor version of the session, 0 to 65535.
    public int minorVersion() {
        return version.minor();
    }

    /// Asks what the device is.
    public DeviceGetInfo.Reply info() {
        return blocking.await(blocking.commands().info());
    }

    /// Asks for one region; the result must be closed. [#region(int)] is more convenient.
    public RegionInfo regionInfo(int region) {
        return blocking.await(blocking.commands().regionInfo(region));
    }

    /// Asks for one interrupt type: 0 INTx, 1 MSI, 2 MSI-X, 3 ERR, 4 REQ.
    public DeviceGetIrqInfo.Reply irqInfo(int index) {
        return blocking.await(blocking.commands().irqInfo(index));
    }

    /// Asks for descriptors that replace messages for a region; the result must be closed.
    public RegionIoFds regionIoFds(int region) {
        return blocking.await(blocking.commands().regionIoFds(region));
    }

    /// The ioeventfds of a region, to ring them as a hypervisor does; asks the server for them.
    ///
    /// @throws MalformedReplyException if the server's entries do not fit its descriptors
    /// @throws io.vfiouser.os.NativeCallException if what came is no eventfd, or cannot be mapped
    public RemoteDoorbells doorbells(int region) {
        try (RegionIoFds fds = regionIoFds(region)) {
            RemoteDoorbells doorbells = RemoteDoorbells.of(fds);
            resources.add(doorbells::close);
            return doorbells;
        }
    }

    /// A region, to read, write and map it; asks the server for its description.
    public RemoteRegion region(int index) {
        return region(regionInfo(index));
    }

    /// A region from a description that was asked for before.
    ///
    /// @param info taken over
    public RemoteRegion region(RegionInfo info) {
        var region = new RemoteRegion(blocking, info);
        resources.add(region::close);
        return region;
    }

    /// The PCI config space, region 7.
    public RemoteRegion configSpace() {
        return region(CONFIG_SPACE);
    }

    /// Reads a register, as [RemoteRegion#read(long, int)] without asking for the region first.
    ///
    /// @param width bytes: 1, 2, 4 or 8
    /// @return its value, zero-extended
    public long read(int region, long offset, int width) {
        return access(region).read(offset, width);
    }

    /// Reads bytes in one message, fewer than asked for if the server says so.
    public byte[] readBytes(int region, long offset, int count) {
        return access(region).readBytes(offset, count);
    }

    /// Writes a register and waits for the reply.
    ///
    /// @param width bytes: 1, 2, 4 or 8
    public void write(int region, long offset, int width, long value) {
        access(region).write(offset, width, value);
    }

    /// Writes bytes in one message and waits for the reply.
    public void writeBytes(int region, long offset, byte[] data) {
        access(region).writeBytes(offset, data);
    }

    /// Writes a register without a reply: a posted write, done before any later command.
    ///
    /// @param width bytes: 1, 2, 4 or 8
    public void post(int region, long offset, int width, long value) {
        access(region).post(offset, width, value);
    }

    /// Writes several small values in one message.
    ///
    /// @return how many writes were done
    public long writeMulti(List<RegionWriteMulti.Write> writes) {
        return blocking.await(blocking.commands().regionWriteMulti(writes));
    }

    /// An interrupt vector, not armed yet.
    ///
    /// @param index 0 INTx, 1 MSI, 2 MSI-X, 3 ERR, 4 REQ
    public RemoteIrq irq(int index, int vector) {
        var irq = new RemoteIrq(blocking, index, vector);
        resources.add(irq::close);
        return irq;
    }

    /// Sets, fires, masks or unmasks interrupts, with any combination of fields and descriptors.
    ///
    /// @param descriptors taken over
    public void setIrqs(DeviceSetIrqs request, FdBundle descriptors) {
        blocking.await(blocking.commands().setIrqs(request, descriptors));
    }

    /// What the server may use by messages: everything mapped by the methods below, and what is
    /// added to it otherwise.
    public ClientMemory memory() {
        return dmaMaps.memory();
    }

    /// Lets the server use memory directly, through a descriptor, and by messages.
    ///
    /// @param iova DMA address of the first byte
    /// @param memory stays the caller's, who keeps it open until it is unmapped
    /// @param offset first byte in `memory`
    /// @param size bytes
    public void dmaMap(long iova, SharedMemory memory, long offset, long size, DmaFlags flags) {
        dmaMaps.map(iova, memory, offset, size, flags);
    }

    /// Lets the server use memory by messages only.
    ///
    /// @param iova DMA address of the first byte
    /// @param memory stays the caller's; accessible from any thread
    public void dmaMapWithoutDescriptor(long iova, MemorySegment memory, DmaFlags flags) {
        dmaMaps.mapWithoutDescriptor(iova, memory, flags);
    }

    /// Withdraws memory; when it returns the server does not use it any more.
    ///
    /// @param iova as when it was mapped
    /// @param size as when it was mapped
    public void dmaUnmap(long iova, long size) {
        dmaMaps.unmap(iova, size);
    }

    /// Withdraws memory and asks which of its pages the server wrote.
    ///
    /// @param pageSize bytes of a page, that of the dirty page log
    /// @return bit k is set if page k of the range was written
    public BitSet dmaUnmapWithDirtyPages(long iova, long size, long pageSize) {
        return dmaMaps.unmapWithDirtyPages(iova, size, pageSize);
    }

    /// Withdraws all memory.
    public void dmaUnmapAll() {
        dmaMaps.unmapAll();
    }

    /// Waits for an interrupt that a server of the legacy dialect tells by a message, which is
    /// answered by itself.
    ///
    /// @return the vector; empty if none comes in time
    public OptionalInt awaitInterruptMessage(Duration limit) {
        Blocking.checkMayWait(session.connection().isOnLoop());
        return session.interrupts().await(limit);
    }

    /// As [AsyncCommands#dirtyPages].
    public byte[] dirtyPages(LegacyRequest.DirtyPages request) {
        return blocking.await(blocking.commands().dirtyPages(request));
    }

    /// Resets the device.
    public void reset() {
        blocking.await(blocking.commands().reset());
    }

    /// Migration and dirty page logging.
    public RemoteMigration migration() {
        return new RemoteMigration(blocking);
    }

    /// Sends any command and gives the reply as it comes, error replies included; must be closed.
    ///
    /// @param request taken over, released if it carries data
    /// @param descriptors taken over
    public ServerAnswer send(ClientRequest request, FdBundle descriptors) {
        return blocking.await(blocking.commands().send(request, descriptors));
    }

    /// Whether the connection is there.
    public boolean isOpen() {
        return session.connection().isOpen();
    }

    /// Completed on the loop when the connection has ended: normally if either side closed it, with
    /// a [ConnectionClosedException] if the server broke the protocol.
    public CompletionStage<@Nullable Void> closed() {
        return session.closed().minimalCompletionStage();
    }

    /// Closes the connection, mappings of regions and eventfds, and ends the loop if it is the
    /// client's own; waits for that unless on a loop. Calls that wait fail with a
    /// [ConnectionClosedException]. Idempotent.
    @Override
    public void close() {
        session.close();
        resources.close();
    }

    /// Such as `VfioUserClient[/run/vm1/gpio0.sock]`.
    @Override
    public String toString() {
        return "VfioUserClient" + session;
    }

    private RegionAccess access(int region) {
        return new RegionAccess(blocking, region);
    }
}
