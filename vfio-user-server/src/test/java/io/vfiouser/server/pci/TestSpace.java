package io.vfiouser.server.pci;

import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.DeviceLayoutBuilder;
import io.vfiouser.device.region.LittleEndian;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/// A config space with a client's view of it and a record of what the listener was told.
final class TestSpace implements ConfigSpaceListener {
    static final int POINTER = 0x34;
    static final int FIRST = 0x40;

    final List<String> told = new ArrayList<>();
    final ConfigSpaceEngine engine;

    TestSpace(DeviceLayout layout) {
        engine = new ConfigSpaceEngine(layout, this);
    }

    static TestSpace of(DeviceLayoutBuilder layout) {
        return new TestSpace(layout.build());
    }

    static DeviceLayoutBuilder pci() {
        return DeviceLayout.pci(0x494f, 0x0dc8);
    }

    static DeviceLayoutBuilder express() {
        return DeviceLayout.pci(0x1af4, 0x10f0).express();
    }

    int read(int offset, int width) {
        var bytes = MemorySegment.ofArray(new byte[width]);
        engine.clientRead(offset, bytes);
        return (int) LittleEndian.get(bytes, 0, width);
    }

    void write(int offset, int width, int value) {
        var bytes = MemorySegment.ofArray(new byte[width]);
        LittleEndian.put(bytes, 0, width, value);
        engine.clientWrite(offset, bytes);
    }

    byte[] readBytes(int offset, int count) {
        var bytes = new byte[count];
        engine.clientRead(offset, MemorySegment.ofArray(bytes));
        return bytes;
    }

    void writeBytes(int offset, byte[] bytes) {
        engine.clientWrite(offset, MemorySegment.ofArray(bytes));
    }

    void writeBytes(int offset, int... values) {
        var bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        writeBytes(offset, bytes);
    }

    /// What a client finds that writes ones to a register.
    int size(int offset) {
        write(offset, 4, -1);
        return read(offset, 4);
    }

    @Override
    public void commandChanged(int old, int now) {
        told.add("command 0x%x -> 0x%x".formatted(old, now));
    }

    @Override
    public void messageInterruptsChanged() {
        told.add("message interrupts " + engine.messageInterruptsEnabled());
    }

    @Override
    public void msiMasksChanged() {
        told.add("MSI masks");
    }

    @Override
    public void msixFunctionMaskChanged() {
        told.add("function mask " + engine.msixFunctionMasked());
    }

    @Override
    public void powerStateChanged(PowerState from, PowerState to) {
        told.add("power " + from + " -> " + to);
    }

    @Override
    public void softReset() {
        told.add("soft reset");
    }

    @Override
    public void functionLevelReset() {
        told.add("FLR");
    }
}
