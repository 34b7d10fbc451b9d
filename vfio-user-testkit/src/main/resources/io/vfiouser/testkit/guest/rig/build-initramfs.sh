#!/usr/bin/env bash
# Packs a guest script, busybox, kernel modules and tools into an initramfs.
#
# Usage: build-initramfs.sh [OPTION...] SCRIPT OUT
#   SCRIPT            runs as /rig/test in the guest, as root; its exit status
#                     becomes run-guest.sh's. "#!/bin/sh" gets busybox's shell.
#   OUT               the initramfs to write
#   --modules "A B"   kernel modules to pack and to load before the script runs,
#                     each with what it depends on (default: "nvme virtio_blk").
#                     One that is built into the kernel is skipped.
#   --pack "A B"      modules to pack without loading them (the script may
#                     then "modprobe" them)
#   --tools "A B"     of fio, nvme, mkfs.ext4, e2fsck, lspci, setpci, gpiodetect,
#                     gpioget, gpioinfo, gpiomon and gpioset (needs setup-qemu.sh --tools)
#   --file SRC:DST    one more file for the guest (repeatable)
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

modules="nvme virtio_blk"
pack=
tools=
files=()
while [ $# -gt 0 ]; do
    case $1 in
        --modules) modules=$2; shift ;;
        --pack) pack=$2; shift ;;
        --tools) tools=$2; shift ;;
        --file) files+=("$2"); shift ;;
        -h|--help) sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' "$0"; exit 0 ;;
        -*) rig_die "unknown option: $1" ;;
        *) break ;;
    esac
    shift
done
[ $# -eq 2 ] || rig_die "usage: build-initramfs.sh [OPTION...] SCRIPT OUT"
script=$1
out=$2
[ -r "$script" ] || rig_die "cannot read $script"
busybox=$(rig_busybox)
[ -x "$busybox" ] || rig_die "run setup-qemu.sh first"
version=$(rig_kernel_version)
source_dir=$(rig_kernel_modules)

tree=$(mktemp -d "${TMPDIR:-/tmp}/rig-initramfs.XXXXXX")
trap 'rm -rf "$tree"' EXIT
mkdir -p "$tree"/{bin,rig,dev,lib64,usr/bin,usr/sbin,"lib/modules/$version"}
install -m 755 "$busybox" "$tree/bin/busybox"
ln -s busybox "$tree/bin/sh"
install -m 755 "$RIG_HERE/guest/init" "$tree/init"
install -m 755 "$script" "$tree/rig/test"

# --- modules ------------------------------------------------------------------

# Paths below the module directory, without .ko*, names with "-" turned to "_".
declare -A module_path=() packed=()
while IFS= read -r path; do
    name=${path##*/}
    name=${name%%.ko*}
    module_path[${name//-/_}]=$path
done < <(cd "$source_dir" && find kernel -name '*.ko*')

declare -A built_in=()
while IFS= read -r path; do
    name=${path##*/}
    name=${name%.ko}
    built_in[${name//-/_}]=1
done < "$source_dir/modules.builtin"

# add_module NAME LIST: packs a module after its dependencies; appends to LIST.
add_module() {
    local name=${1//-/_} list=$2 path dest dep
    [ -z "${packed[$name]:-}" ] || return 0
    [ -z "${built_in[$name]:-}" ] || return 0
    path=${module_path[$name]:-}
    [ -n "$path" ] || rig_die "kernel $version has no module $1"
    packed[$name]=1
    dest=$tree/lib/modules/$version/${path%%.ko*}.ko
    mkdir -p "${dest%/*}"
    case $path in
        *.ko.xz) "$busybox" xzcat "$source_dir/$path" > "$dest" ;;
        *.ko.gz) "$busybox" zcat "$source_dir/$path" > "$dest" ;;
        *.ko.zst) zstd -qdc "$source_dir/$path" > "$dest" ;;
        *) cp "$source_dir/$path" "$dest" ;;
    esac
    # The .modinfo section is a list of NUL-terminated "key=value" strings.
    for dep in $(tr '\0' '\n' < "$dest" | sed -n 's/^depends=//p' | tr ',' ' '); do
        add_module "$dep" "$list"
    done
    echo "/lib/modules/$version/${path%%.ko*}.ko" >> "$list"
}
: > "$tree/rig/modules"
for m in $modules; do add_module "$m" "$tree/rig/modules"; done
for m in $pack; do add_module "$m" /dev/null; done
cp "$source_dir/modules.builtin" "$tree/lib/modules/$version/"
if [ -n "$pack" ]; then
    "$busybox" depmod -b "$tree" "$version"
fi

# --- tools --------------------------------------------------------------------

add_tool() {
    local name=$1 bin lib=$RIG_TOOLS_ROOT/usr/lib/x86_64-linux-gnu path real
    for bin in "$RIG_TOOLS_ROOT/usr/bin/$name" "$RIG_TOOLS_ROOT/usr/sbin/$name" ''; do
        [ -n "$bin" ] || rig_die "no $name among the guest tools: run setup-qemu.sh --tools"
        [ -x "$bin" ] && break
    done
    install -m 755 "$bin" "$tree/usr/bin/$name"
    mkdir -p "$tree/usr/lib/x86_64-linux-gnu"
    # ceph's library directory is on librados' own search path; keep it flat here.
    while IFS= read -r path; do
        real=$tree/usr/lib/x86_64-linux-gnu/${path##*/}
        [ -e "$real" ] || install -m 755 "$(readlink -f "$path")" "$real"
    done < <("$lib/ld-linux-x86-64.so.2" --library-path "$lib:$lib/ceph" --list "$bin" | sed -nE 's/^.* => (\/[^ ]+) .*/\1/p')
    [ -e "$tree/lib64/ld-linux-x86-64.so.2" ] ||
        install -m 755 "$(readlink -f "$lib/ld-linux-x86-64.so.2")" "$tree/lib64/ld-linux-x86-64.so.2"
    if [ "$name" = lspci ] && [ -e "$RIG_TOOLS_ROOT/usr/share/misc/pci.ids" ]; then
        mkdir -p "$tree/usr/share/misc"
        cp "$RIG_TOOLS_ROOT/usr/share/misc/pci.ids" "$tree/usr/share/misc/"
    fi
}
for t in $tools; do add_tool "$t"; done

# --- further files ------------------------------------------------------------

for f in ${files[@]+"${files[@]}"}; do
    mkdir -p "$tree/$(dirname "${f#*:}")"
    cp -a "${f%%:*}" "$tree/${f#*:}"
done

# Not compressed: it costs a moment of copying and saves the guest unpacking time.
mkdir -p "$(dirname "$out")"
(cd "$tree" && find . | "$busybox" cpio -o -H newc -R 0:0 2>/dev/null) > "$out.tmp"
mv "$out.tmp" "$out"
rig_log "$out: $(du -h "$out" | cut -f1), modules: $(tr '\n' ' ' < "$tree/rig/modules" | sed -E 's/[^ ]*\/([^ /]*)\.ko/\1/g')"
