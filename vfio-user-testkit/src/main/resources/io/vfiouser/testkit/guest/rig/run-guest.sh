#!/usr/bin/env bash
# Boots a guest whose PCI devices are served by vfio-user servers, shows the
# guest's serial console, and exits with the status of the guest's script.
#
# Usage: run-guest.sh --initrd F|--boot-token T [OPTION...] [-- QEMU-ARGUMENT...]
#   --socket PATH      a vfio-user server's UNIX socket (repeatable: one device
#                      each, with the ids vfu0, vfu1, ...)
#   --device-props S   further properties for each vfio-user-pci device as JSON
#                      members, for example '"x-no-posted-writes":true'
#   --root-port        put each vfio-user device behind a PCI Express root port
#   --spare-ports N    N further empty root ports (rp-spare0, ...) for hot-plug
#   --mem MIB          guest memory (512), shared with the servers
#   --private-memory   do not share it: servers reach it by messages only
#   --cpus N           guest CPUs (1)
#   --accel kvm|tcg    default: kvm where the processor has it and /dev/kvm opens
#   --machine M        QEMU machine (q35)
#   --timeout S        seconds until the guest is given up (120)
#   --kernel F         default: the kernel that setup-qemu.sh got
#   --append S         further kernel parameters
#   --boot-token T     no kernel from here: the BIOS boots the first device, a disk
#                      that build-boot-disk.sh has made with this token
#   --qmp PATH         offer QMP on this UNIX socket
#   --verbose          show the kernel's boot messages
#   --timestamps       put the seconds since QEMU's start before each line
#
# Exit status: the guest script's; 124 for a timeout; 125 when the guest or QEMU
# ended without reporting one, or the rig itself failed.
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

sockets=() props='' root_port=false spare=0 mem=512 cpus=1 accel='' machine=q35 private=false
timeout=120 kernel='' initrd='' append='' qmp='' verbose=false timestamps=false boot_token=''
while [ $# -gt 0 ]; do
    case $1 in
        --socket) sockets+=("$2"); shift ;;
        --device-props) props=$2; shift ;;
        --root-port) root_port=true ;;
        --spare-ports) spare=$2; shift ;;
        --mem) mem=$2; shift ;;
        --private-memory) private=true ;;
        --cpus) cpus=$2; shift ;;
        --accel) accel=$2; shift ;;
        --machine) machine=$2; shift ;;
        --timeout) timeout=$2; shift ;;
        --kernel) kernel=$2; shift ;;
        --initrd) initrd=$2; shift ;;
        --append) append=$2; shift ;;
        --boot-token) boot_token=$2; shift ;;
        --qmp) qmp=$2; shift ;;
        --verbose) verbose=true ;;
        --timestamps) timestamps=true ;;
        -h|--help) sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' "$0"; exit 0 ;;
        --) shift; break ;;
        *) rig_die "unknown argument: $1" ;;
    esac
    shift
done
[ -n "$boot_token" ] || [ -r "$initrd" ] || rig_die "--initrd is missing or cannot be read"
[ -x "$RIG_QEMU" ] || rig_die "run setup-qemu.sh first"
[ -n "$kernel" ] || kernel=$(rig_kernel_image)

# A KVM without the processor's own virtualization behind it (/dev/kvm is there,
# but the CPU shows neither vmx nor svm, as on some cloud machines) has to emulate
# an unmodified kernel, which is slower than TCG or fails outright.
if [ -z "$accel" ]; then
    if grep -qE '^flags.* (vmx|svm)( |$)' /proc/cpuinfo && (exec 3<>/dev/kvm) 2>/dev/null; then
        accel=kvm
    else
        accel=tcg
    fi
fi
case $accel in
    kvm) cpu=host ;;
    tcg) cpu=max ;;
    *) rig_die "--accel is kvm or tcg" ;;
esac

# A token of this run's own, so that nothing the guest prints by chance is taken
# for its result.
token=${boot_token:-$(od -An -N8 -tx8 /dev/urandom | tr -d ' ')}
# A guest whose kernel oopsed goes on half dead: let it end at once, with the trace.
cmdline="console=ttyS0 panic=-1 oops=panic rig.token=$token"
$verbose || cmdline="$cmdline quiet loglevel=4"

memory="memory-backend-memfd,id=mem0,size=${mem}M,share=on"
! $private || memory="memory-backend-ram,id=mem0,size=${mem}M"

args=(
    -nodefaults -no-user-config -no-reboot
    -machine "$machine,memory-backend=mem0"
    -object "$memory"
    -accel "$accel" -cpu "$cpu" -smp "$cpus" -m "$mem"
    -display none -serial stdio
)
if [ -n "$boot_token" ]; then
    args+=(-boot strict=on) # from what has a bootindex, or not at all
else
    args+=(-kernel "$kernel" -initrd "$initrd" -append "$cmdline $append")
fi
[ -z "$qmp" ] || args+=(-qmp "unix:$qmp,server=on,wait=off")
slot=1
for ((i = 0; i < spare; i++)); do
    args+=(-device "pcie-root-port,id=rp-spare$i,chassis=$slot,slot=$slot")
    slot=$((slot + 1))
done
n=0
for s in ${sockets[@]+"${sockets[@]}"}; do
    [ -S "$s" ] || rig_die "no socket at $s"
    bus=
    if $root_port; then
        args+=(-device "pcie-root-port,id=rp$n,chassis=$slot,slot=$slot")
        slot=$((slot + 1))
        bus=",\"bus\":\"rp$n\""
    fi
    boot=
    [ -z "$boot_token" ] || boot=",\"bootindex\":$n"
    args+=(-device "{\"driver\":\"vfio-user-pci\",\"id\":\"vfu$n\"$bus$boot${props:+,$props},\"socket\":{\"type\":\"unix\",\"path\":\"$s\"}}")
    n=$((n + 1))
done

rig_log "booting with $accel, $mem MiB, $cpus CPU(s), $n vfio-user device(s)"
start=${EPOCHREALTIME/[.,]/}
status=
# The process substitution's id is QEMU's (or timeout's), so that wait tells how
# it ended. QEMU reads no input: the console is for output only.
exec {console}< <(exec timeout --foreground -k 5 "$timeout" "$RIG_QEMU" "${args[@]}" "$@" </dev/null 2>&1)
pid=$!
trap 'kill "$pid" 2>/dev/null || true' EXIT INT TERM
while IFS= read -r line <&"$console" || [ -n "$line" ]; do
    line=${line%$'\r'}
    now=${EPOCHREALTIME/[.,]/}
    elapsed=$(((now - start) / 1000))
    printf -v stamp '%d.%03d' $((elapsed / 1000)) $((elapsed % 1000))
    case $line in
        *"RIG-EXIT $token "*)
            status=${line##*"RIG-EXIT $token "}
            status=${status%% *}
            rig_log "guest script ended with status $status after ${stamp} s" ;;
        *RIG-INIT*) rig_log "guest reached init after ${stamp} s" ;;
    esac
    if $timestamps; then printf '[%s] %s\n' "$stamp" "$line"; else printf '%s\n' "$line"; fi
done
ended=0
wait "$pid" || ended=$?
trap - EXIT INT TERM

if [ -n "$status" ]; then exit "$status"; fi
elapsed=$(((${EPOCHREALTIME/[.,]/} - start) / 1000000))
if [ "$elapsed" -ge "$timeout" ]; then
    rig_log "no result within $timeout s"
    exit 124
fi
rig_log "QEMU ended with status $ended and the guest reported no result"
exit 125
