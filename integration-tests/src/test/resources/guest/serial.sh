#!/bin/sh
# Drives the serial device through Linux's own driver, with the test on the other end of the
# cable: the driver binds by itself, a getty gives a login prompt and a shell, bytes go both
# ways unchanged. With the kernel parameter serial.login-only it ends after the login.
# Needs: no module, as Debian's kernel has 8250_pci built in.
failed=0
pass() { echo "PASS $*"; }
fail() { echo "FAIL $*"; failed=1; }
give_up() { fail "$*"; exit 1; }

# --- the driver and its port ----------------------------------------------------

device=
for d in /sys/bus/pci/devices/*; do
    [ "$(cat "$d/vendor"):$(cat "$d/device")" = 0x1b36:0x0002 ] && device=$d && break
done
[ -n "$device" ] || give_up "device: none (expected: a PCI function 1b36:0002)"
address=${device##*/}
driver=$(basename "$(readlink "$device/driver")")
[ "$driver" = serial ] || give_up "driver of $address: ${driver:--} (expected: serial)"
tty=
for t in /sys/class/tty/ttyS*; do
    case $(readlink "$t") in */"$address"/*) tty=${t##*/} ;; esac
done
[ -c "/dev/${tty:-none}" ] || give_up "port of $address: ${tty:-none} (expected: a ttyS device node)"
pass "driver $driver bound to $address as $tty"
type=$(cat "/sys/class/tty/$tty/type")
[ "$type" = 4 ] || fail "type of $tty: $type (expected: 4, a 16550A)"
grep . "/proc/tty/driver/serial" | grep "uart:16550A" | sed 's/^/port /'

# --- a login --------------------------------------------------------------------

mkdir -p /etc
echo 'root::0:0:root:/:/bin/sh' > /etc/passwd
echo 'root:x:0:' > /etc/group
hostname guest
getty -L 115200 "$tty" vt100
pass "somebody has logged in and out"
grep -qw serial.login-only /proc/cmdline && exit $failed

# --- bytes both ways ------------------------------------------------------------

stty -F "/dev/$tty" raw -echo 115200
exec 3<> "/dev/$tty"
echo "send 16384" >&3
sum=$(head -c 16384 <&3 | md5sum | cut -d' ' -f1)
echo "sum $sum" >&3
read -r answer <&3
[ "$answer" = right ] && pass "16 KiB to the guest: $sum" || fail "16 KiB to the guest: $answer (expected: right)"
head -c 16384 /dev/urandom > /tmp/bytes
cat /tmp/bytes >&3
read -r answer <&3
sum=$(md5sum < /tmp/bytes | cut -d' ' -f1)
[ "$answer" = "$sum" ] && pass "16 KiB from the guest: $sum" || fail "16 KiB from the guest: $answer (expected: $sum)"

grep -w "$tty" /proc/interrupts
exit $failed
