#!/bin/sh
# Drives the edu device through uio_pci_generic and busybox's devmem: identification,
# factorials with their interrupt, interrupts raised by hand, DMA there and back.
# Needs: --modules uio_pci_generic, and the kernel parameters memmap=64K$0x50000 (memory that
# Linux leaves to the DMA below) and iomem=relaxed (devmem may reach it, and the BAR).
failed=0
pass() { echo "PASS $*"; }
fail() { echo "FAIL $*"; failed=1; }
give_up() { fail "$*"; exit 1; }

# --- the device and its driver --------------------------------------------------

device=
for d in /sys/bus/pci/devices/*; do
    [ "$(cat "$d/vendor"):$(cat "$d/device")" = 0x1234:0x11e8 ] && device=$d && break
done
[ -n "$device" ] || give_up "device: none (expected: a PCI function 1234:11e8)"
address=${device##*/}
echo 1234 11e8 > /sys/bus/pci/drivers/uio_pci_generic/new_id
driver=$(basename "$(readlink "$device/driver")")
[ "$driver" = uio_pci_generic ] || give_up "driver of $address: ${driver:--} (expected: uio_pci_generic)"
uio=$(basename "$device"/uio/uio*)
[ -c "/dev/$uio" ] || give_up "UIO device of $address: $uio (expected: a device node)"
pass "$driver bound to $address as $uio"

# set_config VALUE OFFSET: one byte of config space.
set_config() { printf '%b' "\\0$(printf %o "$1")" | dd of="$device/config" bs=1 seek="$2" count=1 conv=notrunc 2>/dev/null; }
# The command register: memory accesses, and DMA, which the driver leaves off.
set_config 0x06 4

bar=$(head -n 1 "$device/resource" | cut -d' ' -f1)
[ $((bar)) -ne 0 ] || give_up "BAR0 of $address: $bar (expected: an address)"

# --- registers ------------------------------------------------------------------

get() { printf '0x%x\n' "$(devmem $((bar + $1)) "${2:-32}")"; }
put() { devmem $((bar + $1)) "${3:-32}" "$2"; }

# expect WHAT SEEN EXPECTED
expect() {
    if [ "$2" = "$3" ]; then pass "$1: $2"; else fail "$1: $2 (expected: $3)"; fi
}

ID=0x00 LIVENESS=0x04 FACTORIAL=0x08 STATUS=0x20 IRQ_STATUS=0x24 IRQ_RAISE=0x60 IRQ_ACK=0x64
DMA_SRC=0x80 DMA_DST=0x88 DMA_COUNT=0x90 DMA_CMD=0x98

expect "identification" "$(get $ID)" 0x10000ed
put $LIVENESS 0x12345678
expect "liveness" "$(get $LIVENESS)" 0xedcba987

# await_clear REGISTER BIT: until the device has cleared it.
await_clear() {
    tries=0
    while [ $(($(get "$1") & $2)) -ne 0 ]; do
        tries=$((tries + 1))
        [ $tries -lt 500 ] || give_up "register $1: bit $2 set (expected: clear within 500 reads)"
        usleep 10000
    done
}

for case in 0:0x1 5:0x78 12:0x1c8cfc00 34:0x0; do
    put $FACTORIAL "${case%:*}"
    await_clear $STATUS 1
    expect "factorial of ${case%:*}" "$(get $FACTORIAL)" "${case#*:}"
done

# --- interrupts -----------------------------------------------------------------

# interrupts: how often the device has interrupted, over all processors.
interrupts() {
    awk -v name="$driver" '$NF == name { for (i = 2; i <= NF && $i ~ /^[0-9]+$/; i++) sum += $i } END { print sum + 0 }' /proc/interrupts
}

# uio_count: waits for the next interrupt; uio's count of all of them so far.
exec 3<> "/dev/$uio"
uio_count() { timeout 10 dd bs=4 count=1 <&3 2>/dev/null | od -An -tu4 | tr -d ' '; }

# unmask_intx: uio_pci_generic masks it in the command register when it has come.
unmask_intx() { set_config 0x00 5; }

# expect_interrupt WHAT BITS: waits for it, looks at the device's bits and clears them.
expect_interrupt() {
    count=$(uio_count)
    [ -n "$count" ] || give_up "$1: no interrupt within 10 s (expected: one), IRQ_STATUS $(get $IRQ_STATUS)"
    bits=$(get $IRQ_STATUS)
    put $IRQ_ACK "$bits"
    after=$(interrupts)
    if [ "$bits" = "$2" ] && [ "$after" -gt "$before" ]; then
        pass "$1: interrupt $count, IRQ_STATUS $bits, /proc/interrupts $before -> $after"
    else
        fail "$1: interrupt $count, IRQ_STATUS $bits (expected: $2), /proc/interrupts $before -> $after (expected: more)"
    fi
    expect "$1, acknowledged" "$(get $IRQ_STATUS)" 0x0
    before=$after
    unmask_intx
}

before=$(interrupts)
unmask_intx
put $IRQ_RAISE 0x40
expect_interrupt "raised by hand" 0x40
put $IRQ_RAISE 0x80000000
expect_interrupt "raised again" 0x80000000

put $STATUS 0x80
put $FACTORIAL 10
expect_interrupt "factorial of 10" 0x1
expect "factorial of 10" "$(get $FACTORIAL)" 0x375f00
put $STATUS 0

# --- DMA ------------------------------------------------------------------------

# In the memory that is reserved for it.
source=0x50000 target=0x51000
word() { devmem $(($1)) 32 ${2:+"$2"}; }

i=0
while [ $i -lt 8 ]; do
    word $((source + 4 * i)) $((0x1111111 * i))
    word $((target + 4 * i)) 0xffffffff
    i=$((i + 1))
done
put $DMA_SRC $source 64
put $DMA_DST 0x40000 64
put $DMA_COUNT 32 64
put $DMA_CMD 1
await_clear $DMA_CMD 1
pass "DMA from memory to the device has ended"

put $DMA_SRC 0x40004 64
put $DMA_DST $target 64
put $DMA_COUNT 16 64
put $DMA_CMD 7
expect_interrupt "DMA from the device to memory" 0x100
i=0
while [ $i -lt 4 ]; do
    expect "word $i in memory" "$(printf '0x%x' "$(word $((target + 4 * i)))")" "$(printf '0x%x' $((0x1111111 * (i + 1))))"
    i=$((i + 1))
done
expect "word behind the transfer" "$(printf '0x%x' "$(word $((target + 16)))")" 0xffffffff

grep -w "$driver" /proc/interrupts
exit $failed
