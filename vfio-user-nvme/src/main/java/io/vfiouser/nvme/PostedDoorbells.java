package io.vfiouser.nvme;

import io.vfiouser.client.VfioUserClient;

/// Doorbells as messages without a reply.
final class PostedDoorbells implements Doorbells {
    private final VfioUserClient client;
    private final long stride;

    PostedDoorbells(VfioUserClient client, long stride) {
        this.client = client;
        this.stride = stride;
    }

    @Override
    public void ring(int index, int value) {
        client.post(Registers.BAR, Registers.DOORBELLS + index * stride, Integer.BYTES, value);
    }

    @Override
    public String toString() {
        return "posted";
    }
}
