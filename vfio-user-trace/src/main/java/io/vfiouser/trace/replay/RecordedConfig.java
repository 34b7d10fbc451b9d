package io.vfiouser.trace.replay;

import io.netty.buffer.ByteBuf;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.region.RegionHandler;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.BitSet;

/// What a recording tells of the config space before anybody wrote to it. Bytes that it does not
/// tell are 0.
final class RecordedConfig {
    static final int REGION = 7;
    static final int MAX_SIZE = 4096;
    private static final int STATUS = 0x06;
    private static final int CAPABILITY_LIST = 1 << 4;

    private final byte[] bytes = new byte[MAX_SIZE];
    private final BitSet known = new BitSet(MAX_SIZE);

    private RecordedConfig() {}

    static RecordedConfig of(RecordedSession session) {
        var config = new RecordedConfig();
        var written = new BitSet(MAX_SIZE);
        for (RecordedStep step : session.steps()) {
            if (step instanceof RecordedStep.Access access && access.place().region() == REGION) {
                config.add(access, written);
            }
        }
        return config;
    }

    private void add(RecordedStep.Access access, BitSet written) {
        RecordedStep.Place place = access.place();
        if (place.offset() < 0 || place.offset() > MAX_SIZE - place.count()) {
            return;
        }
        int at = (int) place.offset();
        if (access.write()) {
            written.set(at, at + place.count());
            return;
        }
        ByteBuf data = access.data();
        for (int i = 0; i < Math.min(data.readableBytes(), place.count()); i++) {
            if (!written.get(at + i) && !known.get(at + i)) {
                bytes[at + i] = data.getByte(data.readerIndex() + i);
                known.set(at + i);
            }
        }
    }

    int u8(int offset) {
        return bytes[offset] & 0xff;
    }

    int u16(int offset) {
        return u8(offset) | u8(offset + 1) << 8;
    }

    long u32(int offset) {
        return u16(offset) | (long) u16(offset + 2) << 16;
    }

    boolean isKnown(int offset) {
        return known.get(offset);
    }

    /// Shows the recorded bytes in place of the framework's, but for those that are in use.
    ///
    /// @param kept the places that the framework keeps
    RegionHandler over(RegionHandler framework, BitSet kept) {
        return new RegionHandler() {
            @Override
            public Completion read(long offset, MemorySegment into) {
                return framework
                        .read(offset, into)
                        .then(() -> {
                            int at = (int) offset;
                            for (int i = 0; i < into.byteSize(); i++) {
                                if (known.get(at + i) && !kept.get(at + i)) {
                                    into.set(ValueLayout.JAVA_BYTE, i, bytes[at + i]);
                                } else if (at + i == STATUS) {
                                    byte status = into.get(ValueLayout.JAVA_BYTE, i);
                                    status |= (byte) (bytes[STATUS] & CAPABILITY_LIST);
                                    into.set(ValueLayout.JAVA_BYTE, i, status);
                                }
                            }
                            return Completion.DONE;
                        });
            }

            @Override
            public Completion write(long offset, MemorySegment from) {
                return framework.write(offset, from);
            }
        };
    }
}
