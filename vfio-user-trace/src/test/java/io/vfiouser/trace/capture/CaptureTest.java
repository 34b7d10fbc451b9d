package io.vfiouser.trace.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.Unpooled;
import io.vfiouser.device.region.Register;
import io.vfiouser.device.region.Register.Access;
import io.vfiouser.filters.FilteredRegion;
import io.vfiouser.os.FileStatus;
import io.vfiouser.protocol.Command.Direction;
import io.vfiouser.protocol.Dialect;
import io.vfiouser.trace.RegisterNames;
import io.vfiouser.trace.SentDescriptor;
import io.vfiouser.trace.TracedMessage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CaptureTest {
    private static final Instant NOON = Instant.parse("2026-11-22T12:00:00.123456789Z");

    @TempDir Path directory = Path.of("");

    private static TracedMessage message(int size, SentDescriptor... descriptors) {
        byte[] bytes = new byte[size];
        bytes[0] = 7;
        bytes[2] = 9;
        return new TracedMessage(
                NOON,
                "gpio0",
                3,
                Direction.SERVER_TO_CLIENT,
                true,
                Dialect.LEGACY,
                Unpooled.wrappedBuffer(bytes),
                List.of(descriptors));
    }

    private static List<CaptureRecord> samples() {
        return List.of(
                new CaptureRecord.Message(
                        message(
                                33,
                                new SentDescriptor(FileStatus.Kind.REGULAR, 0x1000),
                                new SentDescriptor(FileStatus.Kind.ANONYMOUS, 0))),
                new CaptureRecord.Memory(
                        NOON,
                        "gpio0",
                        3,
                        Direction.CLIENT_TO_SERVER,
                        -4096,
                        Unpooled.wrappedBuffer(new byte[] {1, 2, 3})),
                new CaptureRecord.Interrupt(NOON, "nvme1", 1, 2, 31),
                new CaptureRecord.SessionEnd(NOON, "gpio0", 3, "the client closed"));
    }

    private static byte[] captured(List<CaptureRecord> records) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var capture = Capture.to(out, CaptureSettings.DEFAULTS)) {
            records.forEach(capture::add);
        }
        return out.toByteArray();
    }

    private static List<CaptureRecord> read(byte[] bytes) throws IOException {
        var all = new ArrayList<CaptureRecord>();
        try (var reader = new CaptureReader(new ByteArrayInputStream(bytes))) {
            for (var next = reader.next(); next.isPresent(); next = reader.next()) {
                all.add(next.get());
            }
        }
        return all;
    }

    @Test
    void whatIsWrittenIsRead() throws IOException {
        assertThat(read(captured(samples()))).isEqualTo(samples());
    }

    @Test
    void theLargestMessageIsRead() throws IOException {
        var descriptors = new SentDescriptor[253];
        Arrays.fill(descriptors, new SentDescriptor(FileStatus.Kind.REGULAR, 0x1000));
        var largest = new CaptureRecord.Message(message(16 << 20, descriptors));
        assertThat(read(captured(List.of(largest)))).containsExactly(largest);
    }

    @Test
    void aTimeBeyondAllDaysIsADamagedFile() throws IOException {
        byte[] bytes = captured(samples());
        int resolution = indexOf(bytes, new byte[] {9, 0, 1, 0, 9, 0, 0, 0}) + 4;
        bytes[resolution] = 0; // times are seconds now
        assertThatThrownBy(() -> read(bytes))
                .isInstanceOf(CaptureFormatException.class)
                .hasMessageContaining("time: ");
    }

    private static int indexOf(byte[] bytes, byte[] wanted) {
        for (int at = 0; ; at++) {
            if (Arrays.equals(bytes, at, at + wanted.length, wanted, 0, wanted.length)) {
                return at;
            }
        }
    }

    @Test
    void aFileIsItsOwnersAlone() throws IOException {
        Path file = directory.resolve("new.pcapng");
        Capture.to(file, CaptureSettings.DEFAULTS).close();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    @Test
    void twoCapturesDoNotShareAFile() throws IOException {
        Path file = directory.resolve("shared.pcapng");
        try (var _ = Capture.to(file, CaptureSettings.DEFAULTS)) {
            assertThatThrownBy(() -> Capture.to(file, CaptureSettings.DEFAULTS).close())
                    .isInstanceOf(IOException.class)
                    .hasMessage(
                            file + ": another capture writes to it (expected: a file for each)");
        }
        Capture.to(file, CaptureSettings.DEFAULTS).close();
        assertThat(CaptureReader.readAll(file)).isEmpty();
    }

    @Test
    void registersKeepTheirNames() throws IOException {
        var registers = new CaptureRecord.Registers(NOON, "gpio0", RegisterNames.CONFIG_ONLY);
        var read = (CaptureRecord.Registers) read(captured(List.of(registers))).getFirst();
        assertThat(read.names().register(7, 4, 2)).contains("COMMAND");
        assertThat(read.names().register(7, 9, 1)).contains("CLASS_CODE+0x0");
        assertThat(read.names().register(0, 4, 2)).isEmpty();
    }

    @Test
    void namesThatOverlapOrCannotBeShownAreLeftOut() {
        RegisterNames names =
                RegisterText.read(
                        "0 0 4 A\n0 2 4 B\n0 8 4 C D\n0 -1 4 E\n0 16 0 F\n0 20 4 \u001b[m");
        assertThat(names.register(0, 0, 4)).contains("A");
        assertThat(names.register(0, 4, 1)).isEmpty();
        assertThat(names.regions().getFirst().registers()).hasSize(1);
    }

    @Test
    void fullFilesArePutAside() throws IOException {
        Path file = directory.resolve("rotating.pcapng");
        var settings = new CaptureSettings(0, 1 << 20, 2);
        try (var capture = Capture.to(file, settings)) {
            capture.tap("gpio0", RegisterNames.CONFIG_ONLY);
            for (int i = 0; i < 5; i++) {
                capture.add(new CaptureRecord.Message(message(1 << 20)));
            }
        }
        try (var files = Files.list(directory)) {
            assertThat(files.map(path -> path.getFileName().toString()))
                    .containsExactlyInAnyOrder(
                            "rotating.pcapng", "rotating.pcapng.1", "rotating.pcapng.2");
        }
        for (String name : List.of("rotating.pcapng", "rotating.pcapng.2")) {
            List<CaptureRecord> records = CaptureReader.readAll(directory.resolve(name));
            assertThat(records.getFirst()).isInstanceOf(CaptureRecord.Registers.class);
            assertThat(records).hasSize(2);
        }
    }

    @Test
    void aReaderThatGoesEndsTheCaptureAndNothingElse() throws IOException {
        var broken =
                new OutputStream() {
                    private int left = 300;

                    @Override
                    public void write(int b) throws IOException {
                        if (left-- == 0) {
                            throw new IOException("Broken pipe");
                        }
                    }
                };
        var capture = Capture.to(broken, CaptureSettings.DEFAULTS);
        for (int i = 0; i < 100; i++) {
            capture.add(samples().getFirst());
        }
        capture.close();
        capture.add(samples().getFirst());
        assertThat(capture.failure())
                .get()
                .extracting(IOException::getMessage)
                .isEqualTo("Broken pipe");
    }

    @Test
    void aStreamThatThrowsSomethingElseEndsTheCaptureToo() throws IOException {
        var broken =
                new OutputStream() {
                    private boolean begun;

                    @Override
                    public void write(int b) {
                        throw new AssertionError("arrays only");
                    }

                    @Override
                    public void write(byte[] bytes, int from, int count) {
                        if (!begun) {
                            begun = true;
                            throw new IllegalStateException("gone");
                        }
                    }
                };
        var capture = Capture.to(broken, CaptureSettings.DEFAULTS);
        capture.add(samples().getFirst());
        capture.close();
        assertThat(capture.failure())
                .get()
                .extracting(IOException::getMessage)
                .isEqualTo("java.lang.IllegalStateException: gone");
    }

    @Test
    void moreNamesOfRegistersThanAReaderTakesLeaveTheCaptureReadable() throws IOException {
        var registers = new ArrayList<Register>();
        for (int i = 0; i < 70_000; i++) {
            registers.add(
                    new Register(4L * i, 4, "R" + "x".repeat(i % 2 * 600), Access.READ_WRITE));
        }
        var names =
                RegisterNames.of(List.of(FilteredRegion.of("BAR0", 0, Long.MAX_VALUE, registers)));
        List<CaptureRecord> records =
                read(captured(List.of(new CaptureRecord.Registers(NOON, "big0", names))));
        assertThat(records)
                .singleElement()
                .isInstanceOfSatisfying(
                        CaptureRecord.Registers.class,
                        all -> {
                            assertThat(all.names().register(0, 0, 4)).contains("R");
                            assertThat(all.names().registerAt(0, 4)).isEmpty();
                            assertThat(all.names().register(0, 4L * 69_998, 4)).contains("R");
                        });
    }

    @Test
    void whatIsLostIsCountedAndNoted() throws IOException {
        var gate = new CountDownLatch(1);
        var out = new ByteArrayOutputStream();
        var slow =
                new OutputStream() {
                    @Override
                    public void write(int b) {
                        throw new AssertionError("arrays only");
                    }

                    @Override
                    public void write(byte[] bytes, int from, int count) throws IOException {
                        try {
                            gate.await();
                        } catch (InterruptedException e) {
                            throw new IOException(e);
                        }
                        out.write(bytes, from, count);
                    }
                };
        var capture = Capture.to(slow, CaptureSettings.DEFAULTS);
        var big = new CaptureRecord.Message(message(16 << 20));
        for (int i = 0; i < 20; i++) {
            capture.add(big);
        }
        long lost = capture.lost();
        gate.countDown();
        capture.close();
        assertThat(lost).isGreaterThanOrEqualTo(20 - 2 * 4);
        assertThat(out.size()).isGreaterThan(3 * (16 << 20));
    }

    @Test
    void aCutFileIsSaidToBeOne() throws IOException {
        byte[] whole = captured(samples());
        int records = 0;
        for (int size = 0; size < whole.length; size++) {
            byte[] cut = Arrays.copyOf(whole, size);
            try {
                records = Math.max(records, read(cut).size());
            } catch (CaptureFormatException e) {
                assertThat(e)
                        .hasMessage(
                                "capture: ends in the middle of a block (expected: pcapng, whole)");
            }
        }
        assertThat(records).isBetween(1, samples().size() - 1);
    }

    @Test
    void damagedFilesGiveRecordsOrAnErrorAndNothingElse() throws IOException {
        var registers = new CaptureRecord.Registers(NOON, "gpio0", RegisterNames.CONFIG_ONLY);
        var all = new ArrayList<>(samples());
        all.addFirst(registers);
        byte[] whole = captured(all);
        var random = new Random(42);
        int refused = 0;
        for (int round = 0; round < 20_000; round++) {
            byte[] damaged = whole.clone();
            for (int i = random.nextInt(4); i >= 0; i--) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
            }
            try {
                read(damaged);
            } catch (CaptureFormatException e) {
                refused++;
            }
        }
        assertThat(refused).isPositive();
    }

    @Test
    void otherFilesAreRefused() {
        assertThatThrownBy(() -> read("#!/bin/sh echo".getBytes(StandardCharsets.US_ASCII)))
                .isInstanceOf(CaptureFormatException.class)
                .hasMessage("first block: 0x622f2123 (expected: pcapng)");
        assertThatThrownBy(() -> read(new byte[0])).isInstanceOf(CaptureFormatException.class);
    }
}
