package io.vfiouser.server.dma;

/// How many chunks of bitmap one log may still use.
final class ChunkBudget {
    private int left;

    ChunkBudget(int chunks) {
        left = chunks;
    }

    boolean take() {
        if (left == 0) {
            return false;
        }
        left--;
        return true;
    }

    void giveBack(int chunks) {
        left += chunks;
    }

    int left() {
        return left;
    }
}
