#!/bin/sh
# Writes numbered records to an NVMe disk, each with a flush, until the disk goes away in
# the middle of it; or, with nvme.check=N, checks that records 1 to N are there.
# Needs: --modules nvme.
failed=0
pass() { echo "PASS $*"; }
fail() { echo "FAIL $*"; failed=1; }
param() { tr ' ' '\n' < /proc/cmdline | sed -n "s/^$1=//p"; }
record() { yes "record $1 of those that were flushed" | head -c 4096; }

device=
for d in /sys/bus/pci/devices/*; do
    [ "$(cat "$d/class")" = 0x010802 ] && device=$d && break
done
tries=0
while [ ! -b /dev/nvme0n1 ] && [ $tries -lt 100 ]; do sleep 0.1; tries=$((tries + 1)); done
[ -b /dev/nvme0n1 ] || { fail "disk: none within 10 s"; exit 1; }

check=$(param nvme.check)
if [ -n "$check" ]; then
    n=1
    while [ $n -le "$check" ]; do
        record $n > /tmp/expected
        dd if=/dev/nvme0n1 of=/tmp/found bs=4096 count=1 skip=$((n * 3)) 2>/dev/null
        cmp -s /tmp/expected /tmp/found || fail "record $n: $(head -c 40 /tmp/found | tr -d '\0' | head -1) (expected: the record)"
        n=$((n + 1))
    done
    [ $failed -eq 0 ] && pass "records 1 to $check are there"
    exit $failed
fi

# Load without flushes, in the upper half.
while :; do
    dd if=/dev/urandom of=/dev/nvme0n1 bs=64k count=32 seek=512 oflag=direct conv=notrunc 2>/dev/null || break
done &
n=1
while record $n | dd of=/dev/nvme0n1 bs=4096 seek=$((n * 3)) oflag=direct conv=notrunc,fsync iflag=fullblock 2>/dev/null; do
    echo "FLUSHED $n"
    n=$((n + 1))
done &
# Without a server the function's config space reads as all ones.
tries=0
while [ "$(od -An -tx2 -N2 "$device/config" | tr -d ' ')" != ffff ] && [ $tries -lt 600 ]; do
    sleep 0.1
    tries=$((tries + 1))
done
if [ $tries -lt 600 ]; then pass "the disk went away"; else fail "the disk: still there after 60 s"; fi
exit $failed
