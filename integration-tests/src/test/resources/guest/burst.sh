#!/bin/sh
# Writes to the device of GuestDrivenDevice while it holds the first write back, so
# that QEMU has to queue them; then checks that all came, in order.
# Kernel parameter: rig.writes=N, how many.
count=$(tr ' ' '\n' < /proc/cmdline | sed -n 's/^rig\.writes=//p')
device=
for d in /sys/bus/pci/devices/*; do
    [ "$(cat "$d/vendor" "$d/device" | tr -d '\n')" = 0x1af40x10f9 ] && device=$d
done
[ -n "$device" ] || { echo "FAIL device 1af4:10f9: none"; exit 1; }
read -r start end flags < "$device/resource"
bar=$((start))
echo 1 > "$device/enable"

devmem $((bar + 0x28)) 32 1
sum=0 n=0
while [ $n -lt "$count" ]; do
    n=$((n + 1))
    devmem $((bar + 0x30)) 64 $((n * 2654435761))
    sum=$((31 * sum + n * 2654435761))
done
echo "BURST written"
writes=$(($(devmem $((bar + 0x38)) 64)))
seen=$(($(devmem $((bar + 0x30)) 64)))
[ "$writes" -eq "$count" ] && echo "PASS $writes writes" || echo "FAIL $writes writes (expected: $count)"
[ "$seen" -eq "$sum" ] && echo "PASS in order" || echo "FAIL sum $seen (expected: $sum)"
[ "$writes" -eq "$count" ] && [ "$seen" -eq "$sum" ]
