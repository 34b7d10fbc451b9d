package io.vfiouser.client;

import io.vfiouser.protocol.DeviceFeature;
import io.vfiouser.protocol.Feature;
import io.vfiouser.protocol.FeatureFlags;
import io.vfiouser.protocol.WireFormat;

/// Sizes and buffers around `DEVICE_FEATURE`.
final class Features {
    private Features() {}

    /// A request with room for its reply.
    ///
    /// @throws IllegalArgumentException if a dirty page report would not fit in one message
    static DeviceFeature request(FeatureFlags flags, Feature feature) {
        int data = Math.max(feature.wireSize(), WireFormat.FEATURE_STATE_SIZE);
        long argsz = (long) WireFormat.FEATURE_SIZE + data;
        if (feature instanceof Feature.DmaLoggingReport report) {
            argsz += bitmapSize(report.length(), report.pageSize());
        }
        return new DeviceFeature(argsz, flags, feature);
    }

    /// Bytes of a bitmap with one bit for each page, in whole units of 8 bytes.
    ///
    /// @param length bytes of memory, unsigned
    /// @param pageSize bytes that a bit stands for, unsigned; 0, which a server must refuse, gives
    ///   0
    static long bitmapSize(long length, long pageSize) {
        if (pageSize == 0) {
            return 0;
        }
        long whole = Long.divideUnsigned(length, pageSize);
        long pages = Long.remainderUnsigned(length, pageSize) == 0 ? whole : whole + 1;
        long size = ((pages >>> 6) + ((pages & 63) == 0 ? 0 : 1)) * Long.BYTES;
        if (size > WireFormat.DEFAULT_MAX_BITMAP_SIZE) {
            throw new IllegalArgumentException(
                    "length: 0x%x, pageSize: 0x%x (expected: a bitmap of at most %d bytes)"
                            .formatted(length, pageSize, WireFormat.DEFAULT_MAX_BITMAP_SIZE));
        }
        return size;
    }
}
