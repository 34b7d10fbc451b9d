package io.vfiouser.server.dma;

import io.vfiouser.server.image.ImageReader;
import io.vfiouser.server.image.ImageWriter;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The dirty pages of one region: a bitmap in chunks that are there where something is dirty.
///
/// Pages are counted from the start of the region. When the log has no chunks left, the region
/// counts as dirty as a whole: that costs the client a copy, and loses no page.
final class DirtyPages {
    private static final int CHUNK_SHIFT = 13;
    private static final int CHUNK_WORDS = (1 << CHUNK_SHIFT) / Long.SIZE;

    private final ChunkBudget budget;
    private final TreeMap<Long, long[]> chunks = new TreeMap<>();
    private boolean whole;

    DirtyPages(ChunkBudget budget) {
        this.budget = budget;
    }

    /// Whether every page counts as dirty, and stays so until [#clear].
    boolean isWhole() {
        return whole;
    }

    /// Makes the pages from `first` to `last` dirty.
    void mark(long first, long last) {
        for (long key = first >>> CHUNK_SHIFT; key <= last >>> CHUNK_SHIFT && !whole; key++) {
            long[] words = chunks.get(key);
            if (words == null) {
                if (!budget.take()) {
                    clear();
                    whole = true;
                    return;
                }
                words = new long[CHUNK_WORDS];
                chunks.put(key, words);
            }
            Bits.set(words, firstIn(key, first), lastIn(key, last));
        }
    }

    /// Makes the pages from `first` to `last` clean, unless the region is dirty as a whole.
    void clear(long first, long last) {
        var part = chunks.subMap(first >>> CHUNK_SHIFT, true, last >>> CHUNK_SHIFT, true);
        var each = part.entrySet().iterator();
        while (each.hasNext()) {
            Map.Entry<Long, long[]> chunk = each.next();
            long[] words = chunk.getValue();
            Bits.clear(words, firstIn(chunk.getKey(), first), lastIn(chunk.getKey(), last));
            if (Arrays.stream(words).allMatch(word -> word == 0)) {
                each.remove();
                budget.giveBack(1);
            }
        }
    }

    /// Makes all pages clean.
    void clear() {
        budget.giveBack(chunks.size());
        chunks.clear();
        whole = false;
    }

    /// Calls `visitor` for the dirty pages from `first` to `last`, 64 at a time.
    void forEachWord(long first, long last, WordVisitor visitor) {
        var part = chunks.subMap(first >>> CHUNK_SHIFT, true, last >>> CHUNK_SHIFT, true);
        for (Map.Entry<Long, long[]> chunk : part.entrySet()) {
            long[] words = chunk.getValue();
            long start = chunk.getKey() << CHUNK_SHIFT;
            int from = firstIn(chunk.getKey(), first);
            int to = lastIn(chunk.getKey(), last);
            for (int i = from / Long.SIZE; i <= to / Long.SIZE; i++) {
                long word = words[i] & Bits.mask(i, from, to);
                if (word != 0) {
                    visitor.visit(start + (long) i * Long.SIZE, word);
                }
            }
        }
    }

    /// Writes the dirty pages of a region, of which there may be none.
    static void save(@Nullable DirtyPages pages, ImageWriter out) {
        out.flag(pages != null);
        if (pages != null) {
            out.flag(pages.whole).number(pages.chunks.size());
            pages.chunks.forEach((key, words) -> {
                out.number((long) key);
                for (long word : words) {
                    out.number(word);
                }
            });
        }
    }

    /// Takes over what [#save] wrote, after it has said that there is something.
    void restore(ImageReader in) {
        whole = in.flag();
        int count = in.number();
        for (int i = 0; i < count; i++) {
            long[] words = new long[CHUNK_WORDS];
            long key = in.longNumber();
            for (int j = 0; j < words.length; j++) {
                words[j] = in.longNumber();
            }
            if (budget.take()) {
                chunks.put(key, words);
            } else {
                clear();
                whole = true;
            }
        }
    }

    private static int firstIn(long key, long first) {
        return (int) Math.max(0, first - (key << CHUNK_SHIFT));
    }

    private static int lastIn(long key, long last) {
        return (int) Math.min((1 << CHUNK_SHIFT) - 1, last - (key << CHUNK_SHIFT));
    }

    /// Takes 64 pages at a time.
    interface WordVisitor {
        /// Bit i of `word` says that page `page + i` is dirty.
        void visit(long page, long word);
    }
}
