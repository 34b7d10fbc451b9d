#!/bin/sh
# Checks the NVMe controller through Linux's own driver: it binds with a vector for
# each queue, what is written is read back, also after a flush and past the page
# cache, and the driver can be taken off and put on again.
# Needs: --modules nvme --tools "fio nvme". Kernel parameters: nvme.rebinds=N.
failed=0
pass() { echo "PASS $*"; }
fail() { echo "FAIL $*"; failed=1; }
give_up() { fail "$*"; exit 1; }
param() {
    v=$(tr ' ' '\n' < /proc/cmdline | sed -n "s/^$1=//p")
    echo "${v:-$2}"
}

# await_disk: waits until the driver has made the disk, and not longer than 10 s.
await_disk() {
    tries=0
    while [ ! -b /dev/nvme0n1 ] && [ $tries -lt 100 ]; do sleep 0.1; tries=$((tries + 1)); done
    [ -b /dev/nvme0n1 ]
}

# --- the driver -------------------------------------------------------------------

device=
for d in /sys/bus/pci/devices/*; do
    [ "$(cat "$d/class")" = 0x010802 ] && device=$d && break
done
[ -n "$device" ] || give_up "device: none (expected: a PCI function of class 0x010802)"
address=${device##*/}
await_disk || give_up "disk: none within 10 s (expected: /dev/nvme0n1)"
driver=$(basename "$(readlink "$device/driver")")
[ "$driver" = nvme ] || give_up "driver of $address: ${driver:--} (expected: nvme)"
pass "driver nvme bound to $address"
vectors=$(ls "$device/msi_irqs" | wc -l)
queues=$(ls -d /sys/block/nvme0n1/mq/* | wc -l)
if [ "$vectors" -eq $((queues + 1)) ]; then
    pass "vectors $vectors for the admin queue and $queues I/O queues"
else
    fail "vectors $vectors (expected: one for the admin queue and one for each of $queues I/O queues)"
fi

# --- data -------------------------------------------------------------------------

# check WHAT BLOCK-SIZE COUNT SKIP: writes random data there and reads them back.
check() {
    dd if=/dev/urandom of=/tmp/data bs="$2" count="$3" 2>/dev/null
    dd if=/tmp/data of=/dev/nvme0n1 bs="$2" seek="$4" conv=fsync 2>/tmp/err || { fail "$1: $(cat /tmp/err)"; return; }
    echo 3 > /proc/sys/vm/drop_caches
    dd if=/dev/nvme0n1 of=/tmp/back bs="$2" count="$3" skip="$4" 2>/tmp/err || { fail "$1: $(cat /tmp/err)"; return; }
    if cmp /tmp/data /tmp/back; then pass "data $1"; else fail "data $1: read back differently"; fi
}
check "one block" 512 1 0
check "the second block" 512 1 1
check "4 KiB" 4096 1 3
check "1 MiB in odd places" 5120 205 7
check "8 MiB" 1M 8 4

# --- fio and nvme-cli, where the guest has them -----------------------------------

if command -v fio >/dev/null; then
    if fio --name=verify --filename=/dev/nvme0n1 --rw=randwrite --bsrange=512-128k --bs_unaligned=0 \
        --ioengine=libaio --iodepth=32 --direct=1 --size=16M --io_size=16M --verify=crc32c \
        --verify_fatal=1 --do_verify=1 --randseed=1 > /tmp/fio.out 2>&1; then
        pass "fio verified $(sed -n 's/.*read: *IOPS=\([^,]*\),.*/\1 IOPS read/p' /tmp/fio.out | head -1)"
    else
        fail "fio: status $?"
        tail -20 /tmp/fio.out
    fi
fi
if command -v nvme >/dev/null; then
    # cli WHAT ARGUMENT...
    cli() {
        what=$1
        shift
        if nvme "$@" > /tmp/cli.out 2>&1; then pass "nvme $what"; else fail "nvme $what: $(cat /tmp/cli.out)"; fi
    }
    cli id-ctrl id-ctrl /dev/nvme0
    cli id-ns id-ns /dev/nvme0n1
    cli ns-descs ns-descs /dev/nvme0n1
    cli list-ns list-ns /dev/nvme0
    cli smart-log smart-log /dev/nvme0
    cli error-log error-log /dev/nvme0
    cli fw-log fw-log /dev/nvme0
    cli "get-log of the effects" get-log /dev/nvme0 --log-id=5 --log-len=4096
    cli get-feature get-feature /dev/nvme0 -f 7
    cli flush flush /dev/nvme0n1
    cli dsm dsm /dev/nvme0n1 -d -s 0 -b 8
    cli write-zeroes write-zeroes /dev/nvme0n1 -s 8 -c 7
    cli verify verify /dev/nvme0n1 -s 0 -c 7
    cli compare compare /dev/nvme0n1 -s 8 -c 0 -z 512 -d /dev/zero
    cli ns-rescan ns-rescan /dev/nvme0
    cli "format to 4096" format /dev/nvme0n1 --lbaf=1 --force
    size=$(cat /sys/block/nvme0n1/queue/logical_block_size)
    if [ "$size" = 4096 ]; then pass "logical blocks of $size"; else fail "logical blocks of $size (expected: 4096)"; fi
    check "after a format" 4096 16 5
    cli "format to 512" format /dev/nvme0n1 --lbaf=0 --force
    cli reset reset /dev/nvme0
    check "after a reset" 4096 16 9
    if nvme security-recv /dev/nvme0 -p 0 -x 256 > /tmp/cli.out 2>&1; then
        fail "nvme security-recv: status 0 (expected: refused)"
    else
        pass "nvme security-recv refused: $(head -1 /tmp/cli.out)"
    fi
fi

# --- the driver off and on --------------------------------------------------------

rebinds=$(param nvme.rebinds 3)
rebound=0
while [ $rebound -lt "$rebinds" ]; do
    echo "$address" > /sys/bus/pci/drivers/nvme/unbind
    [ ! -b /dev/nvme0n1 ] || { fail "rebind $rebound: the disk is still there"; break; }
    echo "$address" > /sys/bus/pci/drivers/nvme/bind
    await_disk || { fail "rebind $rebound: no disk within 10 s"; break; }
    rebound=$((rebound + 1))
done
[ $rebound -eq "$rebinds" ] && pass "driver taken off and put on $rebound times"
check "after the rebinds" 4096 16 2
dmesg | grep -i nvme | tail -40
exit $failed
