#!/bin/sh
# Watches a device of GuestDrivenDevice while its server takes it out of service.
device=
for d in /sys/bus/pci/devices/*; do
    [ "$(cat "$d/vendor" "$d/device" | tr -d '\n')" = 0x1af40x10f9 ] && device=$d
done
[ -n "$device" ] || { echo "FAIL device 1af4:10f9: none"; exit 1; }
read -r start end flags < "$device/resource"
bar=$((start))
echo 1 > "$device/enable"

before=$(devmem $((bar + 0x38)) 32)
[ "$((before))" -eq 0 ] && echo "PASS register $before" || { echo "FAIL register $before (expected: 0)"; exit 1; }
echo "REMOVAL ready"

n=0 after=$before
while [ "$after" = "$before" ] && [ $n -lt 300 ]; do
    n=$((n + 1))
    sleep 0.1
    after=$(devmem $((bar + 0x38)) 32)
done
echo "REMOVAL register $after"
if [ -e "$device" ]; then
    echo "REMOVAL device still on the bus, vendor $(dd if="$device/config" bs=1 count=2 2>/dev/null | hexdump -e '1/2 "%04x"')"
else
    echo "REMOVAL device gone from the bus"
fi
[ "$after" != "$before" ]
