#!/bin/sh
# Uses two NVMe disks on the same NBD server, which goes away: "patient" outlives a short
# outage without an error, "hasty" gives up in a long one, and works again after it.
# Needs: --modules nvme --tools fio. The host restarts the server on "OUTAGE short", ends
# it on "OUTAGE long", starts it on "OUTAGE over".
failed=0
pass() { echo "PASS $*"; }
fail() { echo "FAIL $*"; failed=1; }

# disk SERIAL: the disk with that serial number, waiting for it not longer than 10 s.
disk() {
    tries=0
    while [ $tries -lt 100 ]; do
        for d in /sys/block/nvme*n1; do
            [ "$(cat "$d/device/serial" 2>/dev/null | tr -d ' ')" = "$1" ] && echo "/dev/${d##*/}" && return
        done
        sleep 0.1
        tries=$((tries + 1))
    done
}
patient=$(disk patient) hasty=$(disk hasty)
[ -n "$patient" ] && [ -n "$hasty" ] || { fail "disks: ${patient:--} ${hasty:--} (expected: two)"; exit 1; }
reads() { dd if="$1" of=/dev/null bs=4096 count=1 iflag=direct 2>/tmp/err; }

fio --name=outage --filename="$patient" --rw=randwrite --bssplit=4k/50:64k/50 --ioengine=libaio \
    --iodepth=8 --direct=1 --size=24M --time_based --runtime=8 --verify=crc32c --verify_fatal=1 \
    --verify_backlog=64 > /tmp/fio.out 2>&1 &
sleep 4
echo "OUTAGE short"
if wait $!; then
    pass "fio over the outage: $(sed -n 's/.*issued rwts: total=\([0-9]*\),\([0-9]*\),.*/\2 writes, \1 verified/p' /tmp/fio.out)"
else
    fail "fio over the outage: $(tail -20 /tmp/fio.out)"
fi
dmesg | grep -E 'I/O error|medium error|timeout' && fail "kernel: complaints (expected: none)"

reads "$hasty" || fail "hasty before the outage: $(cat /tmp/err)"
echo "OUTAGE long"
tries=0
while reads "$hasty" && [ $tries -lt 100 ]; do sleep 0.1; tries=$((tries + 1)); done
if [ $tries -lt 100 ]; then pass "read refused: $(head -1 /tmp/err)"; else fail "read in the outage: no error within 10 s"; fi
if dmesg | grep -q 'critical medium error'; then
    pass "kernel: $(dmesg | grep -m1 'critical medium error' | cut -d] -f2-)"
else
    fail "kernel: no medium error"
fi
echo "OUTAGE over"
tries=0
until reads "$hasty" || [ $tries -ge 100 ]; do sleep 0.1; tries=$((tries + 1)); done
if [ $tries -lt 100 ]; then pass "reads again"; else fail "read after the outage: $(cat /tmp/err)"; fi
if reads "$patient"; then pass "patient reads too"; else fail "patient: $(cat /tmp/err)"; fi
exit $failed
