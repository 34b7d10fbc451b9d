#!/usr/bin/env bash
# Makes a disk that a guest boots from through its BIOS: a boot sector and GRUB, the
# guest's kernel, and an initramfs of build-initramfs.sh.
#
# Usage: build-boot-disk.sh INITRD DISK TOKEN
#   INITRD   the initramfs
#   DISK     the file to write into; it keeps its size if that is large enough
#   TOKEN    what run-guest.sh --boot-token will get, letters and digits
#
# There is no file system on it: GRUB is told the blocks of kernel and initramfs.
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
case ${1:-} in -h|--help) sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' "$0"; exit 0 ;; esac
[ $# -eq 3 ] || rig_die "usage: build-boot-disk.sh INITRD DISK TOKEN"
initrd=$1 disk=$2 token=$3
[ -x "$RIG_CACHE/bin/grub-mkimage" ] || rig_die "no GRUB in $RIG_CACHE: run setup-qemu.sh --tools"
# What a boot loader loads is the compressed kernel.
kernel=$RIG_KERNEL_ROOT/boot/vmlinuz-$(rig_kernel_version)

tree=$(mktemp -d "${TMPDIR:-/tmp}/rig-boot-disk.XXXXXX")
trap 'rm -rf "$tree"' EXIT

sectors() { echo $((($(stat -Lc %s "$1") + 511) / 512)); }
kernel_at=2048
kernel_sectors=$(sectors "$kernel")
initrd_at=$(((kernel_at + kernel_sectors + 7) / 8 * 8))
initrd_sectors=$(sectors "$initrd")

cat > "$tree/early.cfg" <<CFG
serial --unit=0 --speed=115200
terminal_output serial
echo RIG-LOADER reading the kernel from (hd0)
linux (hd0)$kernel_at+$kernel_sectors console=ttyS0 panic=-1 oops=panic quiet loglevel=4 rig.token=$token
initrd (hd0)$initrd_at+$initrd_sectors
boot
CFG
"$RIG_CACHE/bin/grub-mkimage" -p /none -c "$tree/early.cfg" -o "$tree/core.img" \
    biosdisk boot echo linux serial terminal
[ "$(sectors "$tree/core.img")" -lt "$kernel_at" ] || rig_die "GRUB is too large to lie before sector $kernel_at"

# place FILE SECTOR: boot.img expects GRUB's core right behind itself.
place() { dd if="$1" of="$disk" bs=512 seek="$2" conv=notrunc status=none; }
touch "$disk"
place "$RIG_GRUB_ROOT/usr/lib/grub/i386-pc/boot.img" 0
place "$tree/core.img" 1
place "$kernel" "$kernel_at"
place "$initrd" "$initrd_at"
# Whole sectors, as the last one is read to its end.
[ $(($(stat -c %s "$disk") % 512)) -eq 0 ] || truncate -s %512 "$disk"
rig_log "$disk: kernel at sector $kernel_at, initramfs at $initrd_at, $((initrd_at + initrd_sectors)) sectors used"
