#!/bin/sh
# Checks that each queue of an NVMe disk interrupts by a vector of its own, and that the
# driver follows a namespace that grows and shrinks.
# Needs: --modules nvme. The host resizes the disk to nvme.large sectors on "RESIZE grow",
# to nvme.small on "RESIZE shrink".
failed=0
pass() { echo "PASS $*"; }
fail() { echo "FAIL $*"; failed=1; }
param() { tr ' ' '\n' < /proc/cmdline | sed -n "s/^$1=//p"; }

# await_size SECTORS: waits until the disk has that size, and not longer than 20 s.
await_size() {
    tries=0
    while [ "$(cat /sys/block/nvme0n1/size 2>/dev/null)" != "$1" ] && [ $tries -lt 200 ]; do
        sleep 0.1
        tries=$((tries + 1))
    done
    size=$(cat /sys/block/nvme0n1/size)
    if [ "$size" = "$1" ]; then pass "size $1 sectors"; else fail "size: $size sectors (expected: $1)"; fi
}
# block SECTOR: whether a block of 4 KiB there is read back as it was written.
block() {
    dd if=/dev/urandom of=/tmp/data bs=4096 count=1 2>/dev/null
    dd if=/tmp/data of=/dev/nvme0n1 bs=4096 seek=$(($1 / 8)) oflag=direct conv=notrunc,fsync 2>/dev/null &&
        dd if=/dev/nvme0n1 of=/tmp/back bs=4096 count=1 skip=$(($1 / 8)) iflag=direct 2>/dev/null &&
        cmp -s /tmp/data /tmp/back
}

small=$(param nvme.small) large=$(param nvme.large)
await_size "$small"
for list in /sys/block/nvme0n1/mq/*/cpu_list; do
    cpu=$(cut -d, -f1 "$list" | cut -d- -f1)
    taskset -c "$cpu" dd if=/dev/nvme0n1 of=/dev/null bs=4096 count=16 iflag=direct 2>/dev/null
done
cpus=$(grep -c ^processor /proc/cpuinfo)
queues=$(ls -d /sys/block/nvme0n1/mq/* | wc -l)
awk -v cpus="$cpus" '$NF ~ /^nvme0q/ { n = 0; for (i = 2; i < 2 + cpus; i++) n += $i; print $NF, n }' /proc/interrupts > /tmp/vectors
fired=$(awk '$2 > 0' /tmp/vectors | wc -l)
counts=$(tr '\n' ' ' < /tmp/vectors)
if [ "$queues" -eq "$cpus" ] && [ "$fired" -eq $((queues + 1)) ]; then
    pass "vectors of $queues I/O queues and the admin queue: $counts"
else
    fail "vectors: $counts(expected: one that fired for the admin queue and each of $cpus CPUs)"
fi

block $((small - 8)) || fail "the last block: read back differently"
echo "RESIZE grow"
await_size "$large"
if block $((large - 8)); then pass "the last of the new blocks"; else fail "the last of the new blocks: read back differently"; fi
echo "RESIZE shrink"
await_size "$small"
if block $((small - 8)); then pass "the last of the old blocks"; else fail "the last of the old blocks: read back differently"; fi
exit $failed
