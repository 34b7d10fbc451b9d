#!/bin/sh
# Lists the guest's PCI functions and checks that exactly the expected ones are
# there, each with exactly the expected BARs.
# Kernel parameter: rig.expect=DEVICE,DEVICE,... with DEVICE VENDOR:ID/BAR/BAR/...
# and BAR INDEX:KIND:SIZE, all numbers in hex; KIND is io or mem. A device that is
# expected twice must be there twice. For example:
#   rig.expect=494f:0dc8/2:io:100,1af4:10f0/0:mem:1000/1:mem:100000/2:mem:1000
failed=0
pass() { echo "PASS $*"; }
fail() { echo "FAIL $*"; failed=1; }

expected=$(tr ' ' '\n' < /proc/cmdline | sed -n 's/^rig\.expect=//p' | tr ',' ' ')
[ -n "$expected" ] || { fail "rig.expect: none (expected: a kernel parameter)"; exit 1; }

# describe DEVICE-DIRECTORY: the function in the form of rig.expect.
describe() {
    vendor=$(cat "$1/vendor") id=$(cat "$1/device") index=0
    printf '%s:%s' "${vendor#0x}" "${id#0x}"
    while read -r start end flags; do
        # The first six resources are the BARs; 0x100 and 0x200 are the kernel's
        # flags for I/O ports and memory. One without an address is not assigned.
        [ $index -lt 6 ] || break
        if [ $((flags & 0x300)) -ne 0 ]; then
            kind=mem
            [ $((flags & 0x100)) -eq 0 ] || kind=io
            [ $((start)) -ne 0 ] || kind=unassigned-$kind
            printf '/%d:%s:%x' $index $kind $((end - start + 1))
        fi
        index=$((index + 1))
    done < "$1/resource"
    echo
}

: > /tmp/functions
for d in /sys/bus/pci/devices/*; do
    driver=-
    [ -e "$d/driver" ] && driver=$(basename "$(readlink "$d/driver")")
    function=$(describe "$d")
    echo "PCI ${d##*/} $function class=$(cat "$d/class") irq=$(cat "$d/irq") driver=$driver"
    echo "$function ${d##*/}" >> /tmp/functions
done

# Each expected device takes one function off the list.
for wanted in $expected; do
    address=$(awk -v wanted="$wanted" '$1 == wanted { print $2; exit }' /tmp/functions)
    if [ -n "$address" ]; then
        pass "$wanted at $address"
        sed -i "/ $address\$/d" /tmp/functions
    else
        fail "$wanted: not there"
    fi
done

# What is left must be the machine's own, none of the expected kinds.
for wanted in $expected; do
    id=${wanted%%/*}
    if grep "^${id}[/ ]" /tmp/functions; then
        fail "$id: one more than expected, or with other BARs"
    fi
done
exit $failed
