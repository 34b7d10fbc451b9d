#!/bin/sh
# Uses NVMe disks, each named by its serial number, as storage: all at once under fio, which
# verifies what it wrote, then each with an ext4 file system and a tree of files.
# Needs: --modules "nvme ext4 crc32c-generic" --tools "fio mkfs.ext4 e2fsck".
# Kernel parameters: nvme.serials=A,B,... and nvme.fio-seconds=N.
failed=0
pass() { echo "PASS $*"; }
fail() { echo "FAIL $*"; failed=1; }
param() { tr ' ' '\n' < /proc/cmdline | sed -n "s/^$1=//p"; }

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

serials=$(param nvme.serials | tr ',' ' ')
seconds=$(param nvme.fio-seconds)

# --- fio --------------------------------------------------------------------------

cat > /tmp/verify.fio <<JOBS
[global]
rw=randwrite
bssplit=512/10:4k/40:12k/20:64k/20:128k/10
ioengine=libaio
iodepth=16
direct=1
size=48M
fsync=64
verify=crc32c
verify_fatal=1
verify_backlog=128
time_based
runtime=$seconds
JOBS
for serial in $serials; do
    d=$(disk "$serial")
    [ -n "$d" ] || { fail "disk $serial: none within 10 s"; exit 1; }
    printf '[%s]\nfilename=%s\n' "$serial" "$d" >> /tmp/verify.fio
done
fio /tmp/verify.fio > /tmp/fio.out 2>&1
status=$?
for serial in $serials; do
    # "SERIAL: (groupid=0, jobs=1): err= 0: ..." and, among what follows, "issued rwts: total=R,W,..."
    sed -n "/^$serial: (groupid/,/issued rwts/p" /tmp/fio.out > /tmp/job.out
    errors=$(sed -n 's/.*: err= *\([0-9]*\).*/\1/p' /tmp/job.out)
    read -r verified written <<COUNTS
$(sed -n 's/.*issued rwts: total=\([0-9]*\),\([0-9]*\),.*/\1 \2/p' /tmp/job.out)
COUNTS
    if [ "$errors" = 0 ] && [ "${verified:-0}" -gt 100 ]; then
        pass "fio $serial: $written writes, $verified verified, 0 errors"
    else
        fail "fio $serial: err=${errors:--}, ${verified:-0} verified (expected: 0, more than 100)"
    fi
done
[ $status -eq 0 ] || { fail "fio: status $status"; tail -40 /tmp/fio.out; }

# --- ext4 -------------------------------------------------------------------------

# A tree with files of many sizes, some of them empty, one sparse.
mkdir -p /tmp/tree /mnt
cp -a /lib /bin /tmp/tree/
for n in $(seq 1 60); do
    mkdir -p "/tmp/tree/d$((n % 7))/e$((n % 3))"
    dd if=/dev/urandom of="/tmp/tree/d$((n % 7))/e$((n % 3))/f$n" bs=997 count=$((n * n / 16)) 2>/dev/null
done
dd if=/dev/urandom of=/tmp/tree/sparse bs=4096 count=1 seek=1000 2>/dev/null
(cd /tmp/tree && find . -type f -exec md5sum {} +) | sort > /tmp/sums

# run WHAT COMMAND...: fails with what the command printed, if it does.
run() {
    what=$1
    shift
    "$@" > /tmp/out 2>&1 && return
    fail "$what: status $?: $(tail -5 /tmp/out)"
    return 1
}

# filesystem SERIAL DISK: from mkfs to fsck.
filesystem() {
    run "$1 mkfs" mkfs.ext4 -q -F "$2" || return
    run "$1 mount" mount -t ext4 -o discard "$2" /mnt || return
    run "$1 copy" cp -a /tmp/tree/. /mnt/ || return
    rm -r /mnt/d3
    run "$1 copy again" cp -a /tmp/tree/d3 /mnt/ || return
    run "$1 unmount" umount /mnt || return
    run "$1 fsck" e2fsck -f -n "$2" || return
    echo 3 > /proc/sys/vm/drop_caches
    run "$1 second mount" mount -t ext4 "$2" /mnt || return
    (cd /mnt && find . -type f -exec md5sum {} +) | sort > /tmp/sums.back
    run "$1 second unmount" umount /mnt || return
    run "$1 content" cmp /tmp/sums /tmp/sums.back || return
    pass "ext4 $1: $(wc -l < /tmp/sums) files as they were, fsck clean"
}
for serial in $serials; do filesystem "$serial" "$(disk "$serial")"; done
dmesg | grep -iE 'nvme.*(error|timeout|reset|abort)|EXT4-fs (error|warning)|I/O error' && fail "kernel: complaints (expected: none)"
exit $failed
