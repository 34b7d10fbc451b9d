#!/bin/sh
# Writes and verifies an NVMe disk with fio while the host replaces the server three times, each
# time on "HANDOVER n". Needs: --modules nvme --tools fio.
failed=0
pass() { echo "PASS $*"; }
fail() { echo "FAIL $*"; failed=1; }

disk=/dev/nvme0n1
tries=0
until [ -b $disk ] || [ $tries -ge 100 ]; do sleep 0.1; tries=$((tries + 1)); done
[ -b $disk ] || { fail "disk: none (expected: $disk)"; exit 1; }

fio --name=handover --filename=$disk --rw=randwrite --bssplit=4k/50:64k/50 --ioengine=libaio \
    --iodepth=16 --direct=1 --size=48M --time_based --runtime=60 --verify=crc32c --verify_fatal=1 \
    --verify_backlog=64 --lat_percentiles=1 --percentile_list=50:99:100 > /tmp/fio.out 2>&1 &
for n in 1 2 3; do
    sleep 12 # a new server rehearses before it takes over
    echo "HANDOVER $n"
done
if wait $!; then
    pass "fio over three servers: $(sed -n 's/.*issued rwts: total=\([0-9]*\),\([0-9]*\),.*/\2 writes, \1 verified/p' /tmp/fio.out)"
    sed -n 's/^ *lat (\(.sec\)): min=.*max= *\([^,]*\),.*/LATENCY most \2 \1/p' /tmp/fio.out
else
    fail "fio: $(tail -20 /tmp/fio.out)"
fi
dmesg | grep -E 'I/O error|medium error|timeout|reset' && fail "kernel: complaints (expected: none)"
irqs=$(grep -c nvme0q /proc/interrupts)
pass "interrupts of $irqs queues: $(awk '/nvme0q/ {for (i=2; i<=NF; i++) if ($i ~ /^[0-9]+$/) n+=$i} END {print n}' /proc/interrupts)"
exit $failed
