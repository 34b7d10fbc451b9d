package io.vfiouser.protocol;

import io.netty.buffer.ByteBuf;
import java.util.List;

/// More about a region than its size and flags (spec: "VFIO region info capabilities").
///
/// On the wire each starts with an id, a version and the place of the next one.
public sealed interface RegionCapability {
    /// The bytes this capability takes on the wire, its header included.
    int wireSize();

    /// The areas of a region that a client may map; the rest is reached by messages only.
    ///
    /// @param areas the areas; may be empty
    record SparseMmap(List<SparseMmapArea> areas) implements RegionCapability {
        /// Keeps a copy of the list.
        public SparseMmap {
            areas = List.copyOf(areas);
        }

        @Override
        public int wireSize() {
            return Math.addExact(
                    WireFormat.SPARSE_MMAP_SIZE,
                    Math.multiplyExact(WireFormat.SPARSE_MMAP_AREA_SIZE, areas.size()));
        }
    }

    /// What a region without a fixed meaning is for.
    ///
    /// @param type type, an unsigned 32-bit number
    /// @param subtype meaning within the type, an unsigned 32-bit number
    record Type(int type, int subtype) implements RegionCapability {
        @Override
        public int wireSize() {
            return WireFormat.TYPE_CAPABILITY_SIZE;
        }
    }

    /// A capability that this code does not know, kept as it came.
    ///
    /// @param id its number, 0 to 0xffff
    /// @param version its version, 0 to 0xffff
    /// @param body the bytes after its header; read-only, need not be released
    record Unknown(int id, int version, ByteBuf body) implements RegionCapability {
        /// Checks the ranges and keeps a copy of the readable bytes of `body`.
        public Unknown {
            Checks.u16("id", id);
            Checks.u16("version", version);
            body = Checks.constant(body);
        }

        @Override
        public int wireSize() {
            return Math.addExact(WireFormat.CAPABILITY_HEADER_SIZE, body.readableBytes());
        }
    }
}
