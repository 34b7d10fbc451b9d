#!/bin/sh
# Checks the gpio device through Linux's own driver: it binds, every output can be
# driven, every input follows the output that it is wired to, and a changed input
# interrupts the guest.
# Needs: --modules gpio-pci-idio-16 --tools "gpioset gpioget gpiomon".
#
# All sixteen inputs are monitored together, never fewer: the driver gives them one
# status bit, takes each for the cause, and looks up interrupts nobody asked for;
# on x86 the answer 0 is the timer's, whose thread function is NULL (seen in 6.12).
failed=0
pass() { echo "PASS $*"; }
fail() { echo "FAIL $*"; failed=1; }
give_up() { fail "$*"; exit 1; }

# --- the driver and its chip ----------------------------------------------------

device=
for d in /sys/bus/pci/devices/*; do
    [ "$(cat "$d/vendor"):$(cat "$d/device")" = 0x494f:0x0dc8 ] && device=$d && break
done
[ -n "$device" ] || give_up "device: none (expected: a PCI function 494f:0dc8)"
address=${device##*/}
driver=$(basename "$(readlink "$device/driver")")
[ "$driver" = pci-idio-16 ] || give_up "driver of $address: ${driver:--} (expected: pci-idio-16)"
pass "driver pci-idio-16 bound to $address"

chip=
for c in "$device"/gpiochip*; do [ -d "$c" ] && chip=${c##*/} && break; done
[ -c "/dev/${chip:-none}" ] || give_up "GPIO chip of $address: ${chip:-none} (expected: a gpiochip with a device node)"
pass "GPIO chip $chip of $address"

# --- outputs and inputs ---------------------------------------------------------

inputs="16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31"

# drive PIN VALUE: sets one output and leaves it so.
drive() { gpioset -c "$chip" -t 0 "$1=$2" || fail "gpioset $1=$2: status $?"; }

# read_inputs: the sixteen inputs, as "1 0 0 ..." from input 0 up.
# shellcheck disable=SC2086 # a list of lines
read_inputs() { gpioget -c "$chip" --numeric $inputs; }

# only PIN: what the inputs show when just that output is high; none for -1.
only() {
    i=0 shown=
    while [ $i -lt 16 ]; do
        if [ $i -eq "$1" ]; then shown="$shown 1"; else shown="$shown 0"; fi
        i=$((i + 1))
    done
    echo "${shown# }"
}

# expect_inputs WHAT EXPECTED
expect_inputs() {
    seen=$(read_inputs)
    if [ "$seen" = "$2" ]; then pass "$1: inputs $seen"; else fail "$1: inputs $seen (expected: $2)"; fi
}

expect_inputs "all outputs low after boot" "$(only -1)"
pin=0
while [ $pin -lt 16 ]; do
    drive $pin 1
    expect_inputs "output $pin high" "$(only $pin)"
    drive $pin 0
    expect_inputs "output $pin low" "$(only -1)"
    pin=$((pin + 1))
done

# --- interrupts -----------------------------------------------------------------

# interrupts: how often the device has interrupted, over all processors.
interrupts() {
    awk -v name="$address" '$NF == name { for (i = 2; i <= NF && $i ~ /^[0-9]+$/; i++) sum += $i } END { print sum + 0 }' /proc/interrupts
}

mkfifo /tmp/events
# shellcheck disable=SC2086 # a list of lines
gpiomon -c "$chip" --banner -e both -F '%o %E' $inputs > /tmp/events &
monitor=$!
exec 3< /tmp/events
# shellcheck disable=SC3045 # busybox's read has -t
read -r -t 10 banner <&3 || give_up "gpiomon: no banner within 10 s"
echo "gpiomon: $banner"

# await_event LINE EDGE: reads events until that one has come.
await_event() {
    # shellcheck disable=SC3045 # busybox's read has -t
    while read -r -t 10 line edge <&3; do
        [ "$line $edge" = "$1 $2" ] && return 0
    done
    return 1
}

first=$(interrupts)
changes=0
pin=0
while [ $pin -lt 16 ]; do
    for change in "1 rising" "0 falling"; do
        before=$(interrupts)
        drive $pin "${change% *}"
        changes=$((changes + 1))
        await_event $((16 + pin)) "${change#* }" ||
            give_up "input $pin ${change#* }: no event within 10 s, interrupts $before -> $(interrupts)"
        after=$(interrupts)
        if [ "$after" -gt "$before" ]; then
            pass "input $pin ${change#* }: event, interrupts $before -> $after"
        else
            fail "input $pin ${change#* }: event, interrupts $before -> $after (expected: more)"
        fi
    done
    pin=$((pin + 1))
done

raised=$(($(interrupts) - first))
if [ $raised -ge $changes ] && [ $raised -le $((4 * changes)) ]; then
    pass "$changes changes of inputs raised $raised interrupts"
else
    fail "$changes changes of inputs raised $raised interrupts (expected: $changes to $((4 * changes)))"
fi
grep -w "$address" /proc/interrupts

# With nobody listening the driver disables the device's interrupt.
kill $monitor
wait $monitor
exec 3<&-
before=$(interrupts)
drive 0 1
expect_inputs "output 0 high, interrupts disabled" "$(only 0)"
drive 0 0
after=$(interrupts)
if [ "$after" = "$before" ]; then
    pass "interrupts disabled: $before -> $after"
else
    fail "interrupts disabled: $before -> $after (expected: no change)"
fi

exit $failed
