package io.vfiouser.testkit.hammer;

import io.vfiouser.client.VfioUserClient;
import io.vfiouser.protocol.RegionWriteMulti;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;

/// Accesses to regions.
final class RegionBlows {
    private static final int CONFIG = 7;
    private static final int PIPELINED = 32;
    private static final int LARGE = 64 << 10;

    private RegionBlows() {}

    static List<Blow.Weighted> reads() {
        return List.of(
                new Blow.Weighted("read", 30, RegionBlows::read),
                new Blow.Weighted("read large", 4, RegionBlows::readLarge),
                new Blow.Weighted("read pipelined", 6, RegionBlows::readPipelined),
                new Blow.Weighted("info", 4, RegionBlows::info));
    }

    static List<Blow.Weighted> writes() {
        return List.of(
                new Blow.Weighted("write", 20, RegionBlows::write),
                new Blow.Weighted("write large", 3, RegionBlows::writeLarge),
                new Blow.Weighted("post", 10, RegionBlows::post),
                new Blow.Weighted("write multi", 4, RegionBlows::writeMulti),
                new Blow.Weighted("config", 8, RegionBlows::config));
    }

    private static void read(Anvil anvil, Random random, Tally tally) {
        Place place = Place.any(anvil, random);
        tally.detail(place.toString());
        anvil.client().readBytes(place.region, place.offset, place.size);
    }

    private static void readLarge(Anvil anvil, Random random, Tally tally) {
        Place place = Place.large(anvil, random);
        tally.detail(place.toString());
        anvil.client().readBytes(place.region, place.offset, place.size);
    }

    private static void readPipelined(Anvil anvil, Random random, Tally tally) {
        var replies = new ArrayList<CompletableFuture<?>>();
        Place place = Place.any(anvil, random);
        tally.detail(PIPELINED + " times " + place);
        for (int i = 0; i < PIPELINED; i++) {
            replies.add(anvil.client().async().regionRead(place.region, place.offset, place.size));
        }
        Hammer.join(replies, anvil.options().timeout());
    }

    private static void info(Anvil anvil, Random random, Tally tally) {
        VfioUserClient client = anvil.client();
        int index = anvil.anyRegion(random);
        tally.detail("region " + index);
        client.info();
        client.regionInfo(index).close();
        client.regionIoFds(index).close();
        client.irqInfo(anvil.anyIrq(random));
    }

    private static void write(Anvil anvil, Random random, Tally tally) {
        Place place = Place.any(anvil, random);
        tally.detail(place.toString());
        anvil.client().writeBytes(place.region, place.offset, place.bytes(random));
    }

    private static void writeLarge(Anvil anvil, Random random, Tally tally) {
        Place place = Place.large(anvil, random);
        tally.detail(place.toString());
        anvil.client().writeBytes(place.region, place.offset, place.bytes(random));
    }

    private static void post(Anvil anvil, Random random, Tally tally) {
        for (int left = random.nextInt(PIPELINED); left >= 0; left--) {
            Place place = Place.any(anvil, random);
            int width = 1 << random.nextInt(4);
            anvil.client().post(place.region, place.offset, width, random.nextLong());
        }
        tally.detail("some, then info");
        anvil.client().info(); // all of them are done
    }

    private static void writeMulti(Anvil anvil, Random random, Tally tally) {
        if (!anvil.client().serverCapabilities().writeMultiple()) {
            return;
        }
        var writes = new ArrayList<RegionWriteMulti.Write>();
        for (int left = random.nextInt(PIPELINED); left >= 0; left--) {
            Place place = Place.any(anvil, random);
            writes.add(
                    new RegionWriteMulti.Write(
                            place.region, place.offset, 1 << random.nextInt(4), random.nextLong()));
        }
        tally.detail(writes.size() + " writes");
        anvil.client().writeMulti(writes);
    }

    private static void config(Anvil anvil, Random random, Tally tally) {
        long offset = random.nextInt(random.nextBoolean() ? 0x40 : 0x110);
        int width = 1 << random.nextInt(3);
        tally.detail("0x%x, %d bytes".formatted(offset, width));
        anvil.client().write(CONFIG, offset, width, random.nextLong());
    }

    /// Some bytes of a region.
    private record Place(int region, long offset, int size) {
        /// A register, mostly: aligned, 1 to 8 bytes, low in the region.
        static Place any(Anvil anvil, Random random) {
            int region = anvil.anyRegion(random);
            long size = Math.max(1, anvil.regionSize(region));
            long low = Math.min(size, random.nextInt(4) == 0 ? size : 0x100);
            int width = random.nextInt(8) == 0 ? 1 + random.nextInt(64) : 1 << random.nextInt(4);
            long offset = random.nextLong(low) & -Long.highestOneBit(width);
            return new Place(region, random.nextInt(32) == 0 ? offset + size : offset, width);
        }

        static Place large(Anvil anvil, Random random) {
            int region = anvil.anyRegion(random);
            long most = Math.min(LARGE, anvil.client().serverCapabilities().maxDataXferSize());
            long size = Math.clamp(anvil.regionSize(region), 1, most);
            return new Place(region, 0, 1 + random.nextInt((int) size));
        }

        byte[] bytes(Random random) {
            byte[] data = new byte[size];
            random.nextBytes(data);
            return data;
        }

        @Override
        public String toString() {
            return "region %d at 0x%x, %d bytes".formatted(region, offset, size);
        }
    }
}
