package io.vfiouser.server.succession;

import io.vfiouser.server.handover.HandoverOffer;
import io.vfiouser.server.handover.Predecessor;
import io.vfiouser.server.handover.TakeoverException;
import io.vfiouser.server.image.Image;
import io.vfiouser.server.image.ImageReader;
import io.vfiouser.server.image.ImageWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What the two processes tell each other before anything stops.
final class Greeting {
    /// Changes with whatever changes in what is sent: the processes must agree in it.
    static final int VERSION = 1;

    private static final int MAGIC = 0x7666_7568; // "vfuh"
    private static final int MAX_DEVICES = 1 << 20;

    private Greeting() {}

    /// HELLO.
    static Image hello() {
        try (var out = new ImageWriter()) {
            return out.number(MAGIC).number(VERSION).finish();
        }
    }

    /// @throws TakeoverException for another version
    static void checkHello(Image hello) {
        var in = new ImageReader(hello);
        int magic = in.number();
        int version = in.number();
        if (magic != MAGIC || version != VERSION) {
            throw new TakeoverException(
                    "handover version: 0x%x, %d (expected: 0x%x, %d)"
                            .formatted(magic, version, MAGIC, VERSION));
        }
    }

    /// OFFER.
    ///
    /// @param shapes of all devices
    static Image offer(String note, List<? extends Leaving> devices, List<String> shapes) {
        try (var out = new ImageWriter()) {
            out.number(MAGIC).number(VERSION).number(ProcessHandle.current().pid()).text(note);
            out.number(devices.size());
            for (int i = 0; i < devices.size(); i++) {
                out.text(devices.get(i).name());
                Optional<String> path = devices.get(i).path();
                out.flag(path.isPresent());
                path.ifPresent(out::text);
                out.text(shapes.get(i));
            }
            return out.finish();
        }
    }

    /// What an offer says.
    ///
    /// @param offer for the succession
    /// @param shapes digests by device
    record Offer(HandoverOffer offer, Map<String, String> shapes) {}

    static Offer readOffer(Image image) {
        checkHello(image);
        var in = new ImageReader(image);
        in.longNumber(); // checked just now
        long pid = in.longNumber();
        String note = in.text();
        int count = in.count(MAX_DEVICES);
        List<Predecessor> devices = new ArrayList<>();
        Map<String, String> shapes = new LinkedHashMap<>();
        for (int i = 0; i < count; i++) {
            String name = in.text();
            Optional<Path> path = in.flag() ? Optional.of(Path.of(in.text())) : Optional.empty();
            devices.add(new Predecessor(name, path));
            shapes.put(name, in.text());
        }
        return new Offer(new HandoverOffer(pid, note, devices), shapes);
    }
}
