package io.vfiouser.testkit.vmm;

import io.vfiouser.client.VfioUserClient;
import java.nio.file.Path;
import java.time.Duration;

/// A virtual machine without a processor: it has memory and one PCI function, which a vfio-user
/// server serves, and the test is its operating system and driver.
///
/// ```java
/// try (var vmm = FakeVmm.plug(socket)) {
///     PciFunction gpio = vmm.function();
///     gpio.enable();
///     GuestInterrupt changed = gpio.enableIntx();
///     gpio.bar(2).write8(0x0, 0xa5);
///     assertThat(changed.await(Duration.ofSeconds(1))).isEqualTo(1);
/// }
/// ```
///
/// What the server is told is what a real VMM tells it: memory by DMA_MAP with a descriptor, BARs
/// sized by writing all ones and then placed, interrupts by eventfds, which are there before the
/// guest's bit for them is set. [#migrate] moves the device to another server below the driver.
///
/// May be used from any threads but an event loop. What the server refuses throws
/// [io.vfiouser.client.ClientException].
public final class FakeVmm implements AutoCloseable {
    private static final long DEFAULT_MEMORY = 64L << 20;

    private final Link link;
    private final GuestRam ram;
    private final PciFunction function;

    private FakeVmm(Link link, GuestRam ram) {
        this.link = link;
        this.ram = ram;
        this.function = new PciFunction(link, Enumeration.place(link));
    }

    /// Plugs in a device, with 64 MiB of memory, of which only what is used takes up room.
    ///
    /// @param socket path of the server's socket
    /// @throws java.io.UncheckedIOException if nobody listens there
    /// @throws AssertionError if the device's config space is not one that firmware could work with
    public static FakeVmm plug(Path socket) {
        return plug(socket, DEFAULT_MEMORY);
    }

    /// Plugs in a device.
    ///
    /// @param socket path of the server's socket
    /// @param memory bytes of the machine, a multiple of 4096, more than 1 MiB
    /// @throws java.io.UncheckedIOException if nobody listens there
    /// @throws AssertionError if the device's config space is not one that firmware could work with
    public static FakeVmm plug(Path socket, long memory) {
        var ram = new GuestRam(memory);
        try {
            var link = new Link(VfioUserClient.connect(socket));
            try {
                ram.share(link.client());
                return new FakeVmm(link, ram);
            } catch (RuntimeException | AssertionError e) {
                link.close();
                throw e;
            }
        } catch (RuntimeException | AssertionError e) {
            ram.close();
            throw e;
        }
    }

    /// The device, its BARs placed and its decoding off, as firmware leaves it.
    public PciFunction function() {
        return function;
    }

    /// Memory that both sides see, zeroed; it is given out once and stays until the machine ends.
    ///
    /// @param size bytes, rounded up to pages of 4096
    /// @throws IllegalStateException if the machine has no room for it
    public GuestBuffer allocate(long size) {
        return ram.allocate(size);
    }

    /// Moves the device to another server, which serves one of its kind: the state by migration
    /// version 2 (with PRE_COPY if the device has it), config space and interrupts as a VMM
    /// restores them. Accesses of the driver wait meanwhile, as those of a stopped processor; its
    /// memory stays where it is, and what was in flight stays in flight.
    ///
    /// If the other server refuses, the device goes on where it was.
    ///
    /// @param socket of the other server
    /// @return how long the device was stopped
    public Duration migrate(Path socket) {
        return new VmmMigration(link, function, ram).moveTo(socket);
    }

    /// The client, for what a driver cannot do. It changes with [#migrate].
    public VfioUserClient client() {
        return link.client();
    }

    /// Unplugs the device without asking the driver; idempotent.
    @Override
    public void close() {
        link.close();
        function.closeInterrupts();
        ram.close();
    }
}
