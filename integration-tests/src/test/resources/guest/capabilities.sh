#!/bin/sh
# Shows the device 1234:5678 as the guest sees it, works its MSI-X vectors by hand, and
# resets it. Needs: --tools "lspci setpci", the kernel parameter mem=384M in a guest of
# 512 MiB (the memory above is the messages' target), and TCG.
#
# No driver is bound. An MSI is a memory write, so a vector whose message address is in
# memory that Linux does not use leaves its data there. (KVM would deliver it to a
# processor whatever the address is.)
failed=0
pass() { echo "PASS $*"; }
fail() { echo "FAIL $*"; failed=1; }
give_up() { fail "$*"; exit 1; }

# check WHAT SEEN EXPECTED
check() { if [ "$2" = "$3" ]; then pass "$1: $2"; else fail "$1: $2 (expected: $3)"; fi; }

device=
for d in /sys/bus/pci/devices/*; do
    [ "$(cat "$d/vendor"):$(cat "$d/device")" = 0x1234:0x5678 ] && device=$d && break
done
[ -n "$device" ] || give_up "device: none (expected: a PCI function 1234:5678)"
address=${device##*/}
check "config space" "$(wc -c < "$device/config")" 4096

lspci -vvv -s "$address" 2>/dev/null | sed 's/^/LSPCI /'

# --- MSI-X ----------------------------------------------------------------------

# bar N: its address.
bar() { awk -v line=$(($1 + 1)) 'NR == line { print $1 }' "$device/resource"; }
registers=$(bar 0)
table=$(bar 2)
pending=$((table + 0x800))
memory=$((0x19000000))

config() { setpci -s "$address" "$@"; }
read32() { devmem "$1" 32; }
write32() { devmem "$1" 32 "$2"; }

# entry VECTOR: where its entry is. target VECTOR: where its message goes.
entry() { echo $((table + 16 * $1)); }
target() { echo $((memory + 16 * $1)); }
mask() { write32 $(($(entry "$1") + 12)) 1; }
unmask() { write32 $(($(entry "$1") + 12)) 0; }

# The read behind the write comes back when the device has seen the write.
trigger() { write32 "$registers" "$1"; read32 $((registers + 4)) > /dev/null; }

# arrives WHAT VECTOR: its message comes within 10 s; takes it.
arrives() {
    tries=0
    while [ "$(read32 "$(target "$2")")" != "0xABCD000$2" ]; do
        tries=$((tries + 1))
        [ $tries -lt 100 ] || { fail "$1: no message of vector $2 within 10 s"; return; }
        usleep 100000
    done
    write32 "$(target "$2")" 0
    pass "$1: message of vector $2"
}

# silent WHAT VECTOR: no message has come. Whatever was sent before vector 3's is there
# when that one is.
silent() {
    trigger 3
    arrives "$1, vector 3 fires" 3
    check "$1: vector $2" "$(read32 "$(target "$2")")" 0x00000000
}

config COMMAND=0006 # memory, bus master
for vector in 0 1 2 3; do
    write32 "$(target $vector)" 0
    write32 "$(entry $vector)" "$(target $vector)"
    write32 $(($(entry $vector) + 4)) 0
    write32 $(($(entry $vector) + 8)) 0xabcd000$vector
done
unmask 1
unmask 3
config CAP_MSIX+2.w=8000

trigger 1
arrives "unmasked" 1

# QEMU keeps the table. A vector that it has armed it goes on listening to: it notes the
# interrupt by itself, also the pending bit, of which the server's copy knows nothing.
mask 1
trigger 1
silent "masked by the guest" 1
check "pending bits, kept by QEMU" "$(read32 $pending)" 0x00000000
unmask 1
arrives "unmasked again" 1

# One that was never unmasked has no eventfd: the server keeps the interrupt, the guest
# reads the server's pending bits, and the eventfd comes when the guest unmasks it.
trigger 2
silent "masked from the start" 2
check "pending bits, kept by the server" "$(read32 $pending)" 0x00000004
unmask 2
arrives "unmasked for the first time" 2
check "pending bits after it" "$(read32 $pending)" 0x00000000

# The function mask goes to both.
config CAP_MSIX+2.w=c000
trigger 1
trigger 2
check "pending bits under the function mask" "$(read32 $pending)" 0x00000006
check "function mask: vector 1" "$(read32 "$(target 1)")" 0x00000000
config CAP_MSIX+2.w=8000
arrives "function mask gone" 1
arrives "function mask gone" 2
check "pending bits after the function mask" "$(read32 $pending)" 0x00000000
config CAP_MSIX+2.w=0000

# --- writable capabilities ------------------------------------------------------

config C4.b=5a 208.b=5b 148.l=ffffffff 150.l=0
check "vendor byte" "$(config C4.b)" 5a
check "vendor-specific extended byte" "$(config 208.b)" 5b
check "serial number, lower half" "$(config 14c.l)" fe334455
check "serial number, upper half" "$(config 150.l)" 001122ff

# --- function-level reset -------------------------------------------------------

check "reset methods" "$(cat "$device/reset_method")" "flr bus"
write32 $((registers + 4)) 0x12345678
check "scratch register" "$(read32 $((registers + 4)))" 0x12345678
resets=$(($(read32 $((registers + 8)))))
echo 1 > "$device/reset" || fail "reset: status $?"
config COMMAND=0006
check "function-level resets" $(($(read32 $((registers + 8))) - resets)) 1
check "scratch register after it" "$(read32 $((registers + 4)))" 0x00000000
check "vendor byte after it" "$(config C4.b)" 02

exit $failed
