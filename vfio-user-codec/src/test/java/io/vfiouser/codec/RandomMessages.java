package io.vfiouser.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.vfiouser.os.Errno;
import io.vfiouser.protocol.Capabilities;
import io.vfiouser.protocol.Command;
import io.vfiouser.protocol.DeviceFeature;
import io.vfiouser.protocol.DeviceGetInfo;
import io.vfiouser.protocol.DeviceGetIrqInfo;
import io.vfiouser.protocol.DeviceGetRegionInfo;
import io.vfiouser.protocol.DeviceGetRegionIoFds;
import io.vfiouser.protocol.DeviceReset;
import io.vfiouser.protocol.DeviceSetIrqs;
import io.vfiouser.protocol.DmaFlags;
import io.vfiouser.protocol.DmaMap;
import io.vfiouser.protocol.DmaRead;
import io.vfiouser.protocol.DmaUnmap;
import io.vfiouser.protocol.DmaWrite;
import io.vfiouser.protocol.EmptyReply;
import io.vfiouser.protocol.ErrorReply;
import io.vfiouser.protocol.Feature;
import io.vfiouser.protocol.FeatureFlags;
import io.vfiouser.protocol.IrqAction;
import io.vfiouser.protocol.IrqData;
import io.vfiouser.protocol.IrqFlags;
import io.vfiouser.protocol.MigDataRead;
import io.vfiouser.protocol.MigDataWrite;
import io.vfiouser.protocol.MigrationState;
import io.vfiouser.protocol.RegionCapability;
import io.vfiouser.protocol.RegionFlags;
import io.vfiouser.protocol.RegionRead;
import io.vfiouser.protocol.RegionWrite;
import io.vfiouser.protocol.RegionWriteMulti;
import io.vfiouser.protocol.Reply;
import io.vfiouser.protocol.Request;
import io.vfiouser.protocol.SparseMmapArea;
import io.vfiouser.protocol.SubRegionFd;
import io.vfiouser.protocol.Version;
import io.vfiouser.protocol.WireFormat;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.Stream;

/// Makes sound messages of every kind, the same ones for the same seed.
final class RandomMessages {
    private final Random random;

    RandomMessages(long seed) {
        this.random = new Random(seed);
    }

    Request request(Command command) {
        return switch (command) {
            case VERSION -> new Version(u16(), u16(), capabilities());
            case DMA_MAP -> new DmaMap(new DmaFlags(i32()), u64(), u64(), u64());
            case DMA_UNMAP -> unmap();
            case DEVICE_GET_INFO -> new DeviceGetInfo(argsz(16));
            case DEVICE_GET_REGION_INFO -> new DeviceGetRegionInfo(argsz(32), u31());
            case DEVICE_GET_REGION_IO_FDS -> new DeviceGetRegionIoFds(argsz(16), u31());
            case DEVICE_GET_IRQ_INFO -> new DeviceGetIrqInfo(argsz(16), u31());
            case DEVICE_SET_IRQS -> setIrqs();
            case REGION_READ -> new RegionRead(u31(), u64(), u31());
            case REGION_WRITE -> new RegionWrite(u31(), u64(), data());
            case DMA_READ -> new DmaRead(u64(), u64());
            case DMA_WRITE -> new DmaWrite(u64(), data());
            case DEVICE_RESET -> new DeviceReset();
            case REGION_WRITE_MULTI ->
                    new RegionWriteMulti(
                            listOf(() ->
                                    new RegionWriteMulti.Write(
                                            u31(), u64(), random.nextInt(9), u64())));
            case DEVICE_FEATURE -> feature();
            case MIG_DATA_READ -> migDataRead();
            case MIG_DATA_WRITE -> new MigDataWrite(data());
        };
    }

    Reply reply(Command command) {
        return random.nextInt(8) == 0
                ? new ErrorReply(Errno.of(1 + random.nextInt(4095)))
                : goodReply(command);
    }

    private Reply goodReply(Command command) {
        return switch (command) {
            case VERSION -> new Version.Reply(u16(), u16(), capabilities());
            case DMA_MAP, DEVICE_SET_IRQS, DEVICE_RESET, MIG_DATA_WRITE -> EmptyReply.INSTANCE;
            case DMA_UNMAP ->
                    random.nextBoolean()
                            ? new DmaUnmap.Reply(
                                    u32(), i32() & ~1, u64(), u64(), 0, Unpooled.EMPTY_BUFFER)
                            : new DmaUnmap.Reply(u32(), i32() | 1, u64(), u64(), u64(), data());
            case DEVICE_GET_INFO -> new DeviceGetInfo.Reply(i32(), u31(), u31());
            case DEVICE_GET_REGION_INFO ->
                    DeviceGetRegionInfo.Reply.to(
                            new DeviceGetRegionInfo(32 + random.nextInt(200), u31()),
                            new RegionFlags(i32()),
                            u64(),
                            u64(),
                            listOf(this::capability));
            case DEVICE_GET_REGION_IO_FDS ->
                    DeviceGetRegionIoFds.Reply.to(
                            new DeviceGetRegionIoFds(16 + random.nextInt(200), u31()),
                            listOf(this::subRegion));
            case DEVICE_GET_IRQ_INFO ->
                    new DeviceGetIrqInfo.Reply(new IrqFlags(i32()), u31(), u31());
            case REGION_READ -> new RegionRead.Reply(u31(), u64(), data());
            case REGION_WRITE -> new RegionWrite.Reply(u31(), u64(), u31());
            case DMA_READ -> new DmaRead.Reply(u64(), u64(), data());
            case DMA_WRITE -> new DmaWrite.Reply(u64(), u64());
            case REGION_WRITE_MULTI -> new RegionWriteMulti.Reply(u31());
            case DEVICE_FEATURE -> featureReply();
            case MIG_DATA_READ -> new MigDataRead.Reply(data());
        };
    }

    private DmaUnmap unmap() {
        return random.nextBoolean()
                ? new DmaUnmap(argsz(24), i32() & ~1, u64(), u64(), 0, 0)
                : new DmaUnmap(argsz(24), i32() | 1, u64(), u64(), u64(), u64());
    }

    private DeviceSetIrqs setIrqs() {
        IrqAction action = pick(List.of(IrqAction.values()));
        return switch (random.nextInt(3)) {
            case 0 -> new DeviceSetIrqs(u31(), u31(), u31(), action, new IrqData.None());
            case 1 -> new DeviceSetIrqs(u31(), u31(), u31(), action, new IrqData.Eventfd());
            default -> {
                var bool = new IrqData.Bool(constant());
                yield new DeviceSetIrqs(u31(), u31(), bool.count(), action, bool);
            }
        };
    }

    private DeviceFeature feature() {
        int other = 9 + random.nextInt(0xfff0);
        return switch (random.nextInt(7)) {
            case 0 -> feature(FeatureFlags.get(1 + random.nextInt(2)), new Feature.None());
            case 1 -> feature(FeatureFlags.set(2), state());
            case 2 -> feature(FeatureFlags.set(6), start());
            case 3 -> feature(FeatureFlags.set(7), new Feature.DmaLoggingStop(constant()));
            case 4 ->
                    feature(FeatureFlags.get(8), new Feature.DmaLoggingReport(u64(), u64(), u64()));
            case 5 -> feature(FeatureFlags.set(other), unknown());
            default ->
                    feature(
                            FeatureFlags.probe(
                                    random.nextInt(10), random.nextInt(4) * WireFormat.FEATURE_GET),
                            unknown());
        };
    }

    private DeviceFeature feature(FeatureFlags flags, Feature feature) {
        return new DeviceFeature(argsz(8), flags, feature);
    }

    private DeviceFeature.Reply featureReply() {
        return switch (random.nextInt(5)) {
            case 0 ->
                    new DeviceFeature.Reply(
                            u32(), FeatureFlags.get(1), new Feature.Migration(u64()));
            case 1 -> new DeviceFeature.Reply(u32(), FeatureFlags.get(2), state());
            case 2 -> new DeviceFeature.Reply(u32(), FeatureFlags.set(6), start());
            case 3 ->
                    new DeviceFeature.Reply(
                            u32(),
                            FeatureFlags.get(8),
                            new Feature.DmaLoggingBitmap(u64(), u64(), u64(), data()));
            default -> DeviceFeature.Reply.echo(feature(FeatureFlags.probe(3, 0), unknown()));
        };
    }

    private Feature state() {
        return new Feature.MigDeviceState(pick(List.of(MigrationState.values())), i32());
    }

    private Feature start() {
        return new Feature.DmaLoggingStart(
                u64(), listOf(() -> new Feature.DmaLoggingStart.Range(u64(), u64())));
    }

    private Feature unknown() {
        ByteBuf bytes = constant();
        return bytes.isReadable() ? new Feature.Unknown(bytes) : new Feature.None();
    }

    private MigDataRead migDataRead() {
        int size = random.nextInt(1 << 24);
        return new MigDataRead(8L + size + random.nextInt(100), size);
    }

    private RegionCapability capability() {
        return switch (random.nextInt(3)) {
            case 0 ->
                    new RegionCapability.SparseMmap(listOf(() -> new SparseMmapArea(u64(), u64())));
            case 1 -> new RegionCapability.Type(i32(), i32());
            default -> new RegionCapability.Unknown(3 + random.nextInt(100), u16(), constant());
        };
    }

    private SubRegionFd subRegion() {
        return new SubRegionFd(u64(), u64(), i32(), i32(), i32(), i32(), u64(), u64());
    }

    private Capabilities capabilities() {
        Capabilities all = Capabilities.DEFAULTS;
        if (random.nextBoolean()) {
            all =
                    all.withMaxMsgFds(random.nextInt(1025))
                            .withMaxDataXferSize(1 + random.nextInt(Integer.MAX_VALUE));
        }
        if (random.nextBoolean()) {
            all = all.withMaxDmaMaps(u31()).withPageSizes(1 + (u64() >>> 2));
        }
        if (random.nextBoolean()) {
            all =
                    all.withMigration(
                            new Capabilities.Migration(true, 1 + (u64() >>> 2), u64() >>> 1));
        }
        if (random.nextBoolean()) {
            all = all.withTwinSocket(new Capabilities.TwinSocket(true, random.nextInt(10) - 1));
        }
        return all.withWriteMultiple(random.nextBoolean());
    }

    private <T> T pick(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }

    private <T> List<T> listOf(Supplier<T> element) {
        return Stream.generate(element).limit(random.nextInt(5)).toList();
    }

    private ByteBuf data() {
        byte[] bytes = new byte[random.nextInt(40)];
        random.nextBytes(bytes);
        return PooledByteBufAllocator.DEFAULT.buffer().writeBytes(bytes);
    }

    private ByteBuf constant() {
        byte[] bytes = new byte[random.nextInt(20)];
        random.nextBytes(bytes);
        return Unpooled.wrappedBuffer(bytes);
    }

    private long argsz(int minimum) {
        return minimum + random.nextInt(Integer.MAX_VALUE) + (random.nextBoolean() ? 1L << 31 : 0);
    }

    private int u16() {
        return random.nextInt(0x10000);
    }

    private int i32() {
        return random.nextInt();
    }

    private int u31() {
        return random.nextInt() & Integer.MAX_VALUE;
    }

    private long u32() {
        return random.nextInt() & 0xffffffffL;
    }

    private long u64() {
        return random.nextLong();
    }
}
