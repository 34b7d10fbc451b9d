#!/bin/sh
# Checks that the guest was booted from the NVMe disk and has no other.
# Needs: --modules nvme, and build-boot-disk.sh.
failed=0
pass() { echo "PASS $*"; }
fail() { echo "FAIL $*"; failed=1; }

tries=0
while [ ! -b /dev/nvme0n1 ] && [ $tries -lt 100 ]; do sleep 0.1; tries=$((tries + 1)); done
# GRUB says where it found the kernel: BOOT_IMAGE=(hd0)FIRST+COUNT in sectors.
image=$(tr ' ' '\n' < /proc/cmdline | sed -n 's/^BOOT_IMAGE=//p')
first=$(echo "$image" | sed -n 's/^(hd0)\([0-9]*\)+[0-9]*$/\1/p')
if [ -n "$first" ]; then pass "kernel loaded from $image"; else fail "kernel from ${image:--} (expected: (hd0)FIRST+COUNT)"; fi
disks=$(ls /sys/block | tr '\n' ' ')
if [ "$disks" = "nvme0n1 " ]; then pass "no disk but nvme0n1"; else fail "disks: $disks(expected: nvme0n1)"; fi
# A kernel image has "HdrS" at 0x202, a boot sector 55 aa at 0x1fe.
header=$(dd if=/dev/nvme0n1 bs=512 skip="${first:-0}" count=2 2>/dev/null | dd bs=1 skip=514 count=4 2>/dev/null)
if [ "$header" = HdrS ]; then pass "the kernel's header is there"; else fail "header: $header (expected: HdrS)"; fi
mark=$(dd if=/dev/nvme0n1 bs=512 count=1 2>/dev/null | od -An -tx1 -j510 | tr -d ' ')
if [ "$mark" = 55aa ]; then pass "the boot sector is there"; else fail "boot sector: $mark (expected: 55aa)"; fi
exit $failed
