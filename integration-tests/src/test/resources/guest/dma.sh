#!/bin/sh
# Has the device of GuestDrivenDevice copy memory of the guest, and compares.
# Kernel parameter: memmap=16M$256M, which keeps the kernel away from the memory
# used here: /dev/mem gives access to what is not the kernel's.
failed=0
pass() { echo "PASS $*"; }
fail() { echo "FAIL $*"; failed=1; }

base=$((0x10000000))
source=$base
target=$((base + 0x800000))

device=
for d in /sys/bus/pci/devices/*; do
    [ "$(cat "$d/vendor" "$d/device" | tr -d '\n')" = 0x1af40x10f9 ] && device=$d
done
[ -n "$device" ] || { fail "device 1af4:10f9: none"; exit 1; }
read -r start end flags < "$device/resource"
bar=$((start))

# set_command VALUE: the low byte of the PCI command register.
set_command() { printf "\\$(printf %03o "$1")" | dd of="$device/config" bs=1 seek=4 conv=notrunc 2>/dev/null; }
write8() { devmem "$((bar + $1))" 64 "$2"; }
read8() { devmem "$((bar + $1))" 64; }

# put FILE ADDRESS, get ADDRESS LENGTH: guest memory that is a whole number of pages.
put() { dd if="$1" of=/dev/mem bs=4096 seek=$(($2 / 4096)) conv=notrunc 2>/dev/null; }
get() { dd if=/dev/mem bs=4096 skip=$(($1 / 4096)) count=$(($2 / 4096)) 2>/dev/null; }

# copy SOURCE TARGET LENGTH FLAGS: prints the device's status once it is not busy.
copy() {
    write8 0x00 "$1"
    write8 0x08 "$2"
    write8 0x10 "$3"
    write8 0x18 "$4"
    tries=0
    while [ "$(($(read8 0x20)))" -eq 1 ] && [ $tries -lt 200 ]; do
        tries=$((tries + 1))
        usleep 50000
    done
    echo $(($(read8 0x20)))
}

# check NAME FROM TO LENGTH FLAGS: copies between the source and the target area, from
# and to offsets, and compares all of the target area with what it must be now.
check() {
    size=$(((($3 + $4 + 4095) / 4096 + 1) * 4096))
    tr '\0' '\377' < /dev/zero | dd of=/tmp/expected bs=4096 count=$((size / 4096)) iflag=fullblock 2>/dev/null
    put /tmp/expected "$target"
    tail -c +$(($2 + 1)) /tmp/source | head -c "$4" > /tmp/part
    { head -c "$3" /tmp/expected; cat /tmp/part; tail -c +$(($3 + $4 + 1)) /tmp/expected; } > /tmp/wanted
    status=$(copy $((source + $2)) $((target + $3)) "$4" "$5")
    if [ "$status" -ne 0 ]; then
        fail "$1: status $status (expected: 0)"
        return
    fi
    get "$target" "$size" > /tmp/got
    if cmp /tmp/wanted /tmp/got; then
        pass "$1"
    else
        cmp -l /tmp/wanted /tmp/got | head -20
        fail "$1: other bytes"
    fi
}

# The source begins with zeros, so that no reply shows its layout by itself.
{ head -c 64 /dev/zero; head -c 3145664 /dev/urandom; } > /tmp/source
put /tmp/source "$source"

set_command 2
status=$(copy "$source" "$target" 8 1)
echo "STATUS bus master off: $status"
set_command 6

check "one page by messages" 0 0 4096 1
check "few bytes by messages" 8192 12 5 1
check "odd bytes at odd places by messages" 4099 8193 12345 1
check "3 MiB by messages" 0 0 3145728 1
check "one page" 0 0 4096 0
check "odd bytes at odd places" 4099 8193 12345 0
check "3 MiB" 0 0 3145728 0
exit $failed
