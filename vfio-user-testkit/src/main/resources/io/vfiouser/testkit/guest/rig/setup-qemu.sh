#!/usr/bin/env bash
# Gets what the guest tests need from Debian packages, without installing
# anything on this machine: a QEMU with the vfio-user-pci client (10.1 or
# later), a guest kernel, busybox, and with --tools also fio, nvme-cli, lspci, the
# GPIO and ext4 tools, nbdkit, qemu-nbd, nbd-server, GRUB and tshark.
#
# The packages are resolved, downloaded and verified by apt in a private
# directory (own sources, own package lists, an empty "installed" list), then
# only unpacked: no maintainer script runs, and root is not needed. QEMU runs
# with the C library that it was built against, through that library's loader,
# so the release of the machine itself does not matter.
#
# Idempotent: a component that is there already is left alone (--force gets it
# again). --check gets nothing and ends with status 1, naming what is missing.
# Usage: setup-qemu.sh [--tools] [--force|--check]
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

want_tools=false
force=false
check=false
while [ $# -gt 0 ]; do
    case $1 in
        --tools) want_tools=true ;;
        --force) force=true ;;
        --check) check=true ;;
        -h|--help) sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' "$0"; exit 0 ;;
        *) rig_die "unknown argument: $1" ;;
    esac
    shift
done

[ "$(dpkg --print-architecture 2>/dev/null)" = amd64 ] || rig_die "this rig needs a Debian-like amd64 machine"
# done_with COMPONENT: whether an earlier run left it complete, for this release.
# The number after the release goes up when what a component holds changes.
stamp_of() { echo "$RIG_CACHE/stamp-$1"; }
contents_of() { case $1 in tools) echo "$RIG_SUITE 4" ;; tshark) echo "$RIG_SUITE 2" ;; *) echo "$RIG_SUITE 1" ;; esac; }
done_with() { ! $force && [ "$(cat "$(stamp_of "$1")" 2>/dev/null)" = "$(contents_of "$1")" ]; }
stamp() { contents_of "$1" > "$(stamp_of "$1")"; }

if $check; then
    missing=()
    components=(qemu "kernel-$RIG_KERNEL" busybox)
    ! $want_tools || components+=(tools nbdkit nbd-servers grub tshark)
    for component in "${components[@]}"; do
        done_with "$component" || missing+=("$component")
    done
    [ "${#missing[@]}" -gt 0 ] || exit 0
    rig_log "not in $RIG_CACHE: ${missing[*]}"
    exit 1
fi

mkdir -p "$RIG_CACHE/bin"

# One set-up at a time; a second one waits, then finds everything there.
exec 9>"$RIG_CACHE/lock"
flock 9

# --- the mirror: whatever this machine's own apt already uses -----------------

# The first "deb" URI whose path ends in /debian (not security, not a vendor's).
rig_mirror() {
    if [ -n "${VFIO_USER_RIG_MIRROR:-}" ]; then
        echo "$VFIO_USER_RIG_MIRROR"
        return
    fi
    local f
    for f in /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list.d/*.sources \
             /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
        [ -r "$f" ] || continue
        case $f in
            *.sources) sed -n 's/^URIs:[[:space:]]*//p' "$f" | tr -s '[:space:]' '\n' ;;
            *) sed -nE 's/^deb[[:space:]]+(\[[^]]*\][[:space:]]+)?([^[:space:]]+).*/\2/p' "$f" ;;
        esac
    done | grep -E '/debian/?$' | head -n 1
}

keyring=/usr/share/keyrings/debian-archive-keyring.gpg
apt_dir=$RIG_CACHE/apt
apt_opts=(
    # Only the locations change: the machine's proxy settings stay in force.
    -o "Dir::Etc::sourcelist=$apt_dir/rig.list"
    -o "Dir::Etc::sourceparts=$apt_dir/none"
    -o "Dir::Etc::preferences=$apt_dir/preferences"
    -o "Dir::Etc::preferencesparts=$apt_dir/none"
    -o "Dir::State=$apt_dir/state"
    -o "Dir::State::status=$apt_dir/state/status"
    -o "Dir::Cache=$apt_dir/cache"
    -o "APT::Architecture=amd64"
    -o "APT::Install-Recommends=false"
    -o "Acquire::Languages=none"
    -o "Acquire::Retries=3"
    -o "APT::Sandbox::User=$(id -un)"
    -o "Debug::NoLocking=true"
)

updated=false
apt_update() {
    $updated && return 0
    local mirror
    mirror=$(rig_mirror)
    [ -n "$mirror" ] || rig_die "no Debian mirror in this machine's apt sources: set VFIO_USER_RIG_MIRROR"
    [ -r "$keyring" ] || rig_die "$keyring is missing: install debian-archive-keyring"
    rm -rf "$apt_dir"
    mkdir -p "$apt_dir/none" "$apt_dir/state/lists/partial" "$apt_dir/cache/archives/partial"
    : > "$apt_dir/state/status"
    : > "$apt_dir/preferences"
    local s
    for s in "$RIG_SUITE" "$RIG_SUITE-updates" "$RIG_SUITE-backports"; do
        echo "deb [signed-by=$keyring] $mirror $s main"
    done > "$apt_dir/rig.list"
    # QEMU and its firmware come from backports, everything else from the release.
    cat > "$apt_dir/preferences" <<PREF
Package: src:qemu src:seabios src:ipxe
Pin: release n=$RIG_SUITE-backports
Pin-Priority: 990
PREF
    rig_log "reading the package lists of $RIG_SUITE and its backports"
    apt-get -qq "${apt_opts[@]}" -o APT::Update::Error-Mode=any update ||
        rig_die "mirror: $mirror (expected: the package lists of $RIG_SUITE and its backports); VFIO_USER_RIG_MIRROR names another"
    updated=true
}

# fetch PACKAGE...: downloads the packages and all that they depend on.
fetch() {
    rm -rf "$apt_dir/cache/archives"
    mkdir -p "$apt_dir/cache/archives/partial"
    apt-get -qq -y "${apt_opts[@]}" --download-only install "$@" >/dev/null
}

# unpack DIR GLOB...: unpacks the downloaded packages whose names match.
unpack() {
    local dir=$1 d deb
    shift
    mkdir -p "$dir/usr"
    for d in bin sbin lib lib64; do
        mkdir -p "$dir/usr/$d"
        ln -sfn "usr/$d" "$dir/$d"
    done
    for d in "$@"; do
        # shellcheck disable=SC2231 # the name is a pattern
        for deb in "$apt_dir"/cache/archives/${d}_*.deb; do
            [ -e "$deb" ] || continue
            dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$dir" --no-same-owner --keep-directory-symlink \
                --exclude=./usr/share/doc --exclude=./usr/share/man --exclude=./usr/share/locale \
                --exclude=./usr/share/lintian --exclude=./usr/share/bug --exclude=./etc --exclude=./var
        done
    done
}

# --- QEMU ---------------------------------------------------------------------

if ! done_with qemu; then
    apt_update
    rig_log "getting QEMU and the libraries that it needs"
    fetch qemu-system-x86
    rm -rf "$RIG_QEMU_ROOT"
    unpack "$RIG_QEMU_ROOT" 'lib*' 'zlib1g*' 'qemu-system-*' 'seabios*' 'ipxe-qemu*'
    rm -f "$RIG_QEMU_ROOT"/usr/bin/qemu-system-i386 "$RIG_QEMU_ROOT"/usr/bin/qemu-system-x86_64-microvm
    cat > "$RIG_QEMU" <<'WRAP'
#!/bin/sh
# Runs QEMU with the loader and libraries that it was built against.
root=$(cd "$(dirname "$0")/../qemu" && pwd)
lib=$root/usr/lib/x86_64-linux-gnu
export QEMU_MODULE_DIR="$lib/qemu"
exec "$lib/ld-linux-x86-64.so.2" --argv0 qemu-system-x86_64 --library-path "$lib" \
    "$root/usr/bin/qemu-system-x86_64" -L "$root/usr/share/qemu" -L "$root/usr/share/seabios" \
    -L "$root/usr/lib/ipxe/qemu" "$@"
WRAP
    chmod +x "$RIG_QEMU"
    "$RIG_QEMU" -device help 2>/dev/null | grep -q '"vfio-user-pci"' ||
        rig_die "this QEMU has no vfio-user-pci device: $("$RIG_QEMU" --version | head -n 1)"
    stamp qemu
fi

# --- guest kernel -------------------------------------------------------------

# extract_vmlinux BZIMAGE OUT: the kernel's ELF file, which QEMU can start through
# its PVH entry point. That spares the guest its own decompression, about a second
# under TCG. Without zstd on this machine the bzImage is used as it is.
extract_vmlinux() {
    local setup offset length
    command -v zstd >/dev/null || { rig_log "no zstd here: booting the compressed kernel"; return 0; }
    # The boot protocol's header: sectors of set-up code, then where the payload is.
    setup=$(od -An -tu1 -j $((0x1f1)) -N1 "$1" | tr -d ' ')
    read -r offset length < <(od -An -tu4 -j $((0x248)) -N8 "$1")
    # The last four bytes of the payload are its unpacked size, which zstd does not know.
    tail -c +$(((setup + 1) * 512 + offset + 1)) "$1" | head -c $((length - 4)) | zstd -qdc > "$2.tmp" 2>/dev/null || true
    if [ "$(head -c 4 "$2.tmp" | od -An -tx1 | tr -d ' ')" = 7f454c46 ]; then
        mv "$2.tmp" "$2"
    else
        rm -f "$2.tmp"
        rig_log "cannot unpack the kernel: booting it compressed"
    fi
}

if ! done_with "kernel-$RIG_KERNEL"; then
    apt_update
    # The metapackage names the current kernel; its other dependencies (the tools
    # that build an initramfs) are not needed.
    image=$(apt-cache "${apt_opts[@]}" depends "linux-image-$RIG_KERNEL" | sed -nE 's/^ *Depends: (linux-image-[0-9].*)$/\1/p' | head -n 1)
    [ -n "$image" ] || rig_die "cannot tell which kernel linux-image-$RIG_KERNEL stands for"
    rig_log "getting the guest kernel $image"
    rm -rf "$RIG_KERNEL_ROOT" "$apt_dir/cache/archives"
    mkdir -p "$RIG_KERNEL_ROOT" "$apt_dir/cache/archives/partial"
    (cd "$apt_dir/cache/archives" && apt-get -qq "${apt_opts[@]}" download "$image")
    dpkg-deb --fsys-tarfile "$apt_dir/cache/archives/linux-image-"*.deb |
        tar -x -C "$RIG_KERNEL_ROOT" --no-same-owner --exclude=./usr/share --exclude='./boot/System.map-*'
    [ -r "$RIG_KERNEL_ROOT/boot/vmlinuz-$(rig_kernel_version)" ] || rig_die "the kernel package has no vmlinuz"
    extract_vmlinux "$RIG_KERNEL_ROOT/boot/vmlinuz-$(rig_kernel_version)" "$RIG_KERNEL_ROOT/boot/vmlinux"
    stamp "kernel-$RIG_KERNEL"
fi

# --- busybox: the guest's userland, and this rig's cpio and unxz ---------------

if ! done_with busybox; then
    apt_update
    rig_log "getting busybox"
    (cd "$apt_dir/cache/archives" && apt-get -qq "${apt_opts[@]}" download busybox-static)
    tmp=$(mktemp -d "$RIG_CACHE/tmp.XXXXXX")
    dpkg-deb -x "$apt_dir"/cache/archives/busybox-static_*.deb "$tmp"
    for f in "$tmp/usr/bin/busybox" "$tmp/bin/busybox"; do
        [ -f "$f" ] && install -m 755 "$f" "$(rig_busybox)" && break
    done
    "$(rig_busybox)" true || rig_die "the busybox package holds no busybox that runs"
    rm -rf "$tmp"
    stamp busybox
fi

# --- guest tools --------------------------------------------------------------

if $want_tools && ! done_with tools; then
    apt_update
    rig_log "getting fio, nvme-cli, lspci, the GPIO and the ext4 tools for the guest"
    fetch fio nvme-cli pciutils gpiod e2fsprogs
    rm -rf "$RIG_TOOLS_ROOT"
    unpack "$RIG_TOOLS_ROOT" 'lib*' 'zlib1g*' 'fio*' 'nvme-cli*' 'pciutils*' 'pci.ids*' 'gpiod*' 'e2fsprogs*'
    stamp tools
fi

# --- nbdkit: an NBD server for tests of storage on this machine -----------------

if $want_tools && ! done_with nbdkit; then
    apt_update
    rig_log "getting nbdkit and the libraries that it needs"
    fetch nbdkit
    rm -rf "$RIG_CACHE/nbdkit"
    unpack "$RIG_CACHE/nbdkit" 'lib*' 'zlib1g*' 'nbdkit*'
    cat > "$RIG_CACHE/bin/nbdkit" <<'WRAP'
#!/bin/sh
# Runs nbdkit with the loader and libraries that it was built against: nbdkit PLUGIN ARGS...
root=$(cd "$(dirname "$0")/../nbdkit" && pwd)
lib=$root/usr/lib/x86_64-linux-gnu
plugin=$1
shift
exec "$lib/ld-linux-x86-64.so.2" --argv0 nbdkit --library-path "$lib" \
    "$(command -v "$root/usr/bin/nbdkit" "$root/usr/sbin/nbdkit" | head -n 1)" \
    "$lib/nbdkit/plugins/nbdkit-$plugin-plugin.so" "$@"
WRAP
    chmod +x "$RIG_CACHE/bin/nbdkit"
    "$RIG_CACHE/bin/nbdkit" memory --version >/dev/null || rig_die "the nbdkit package holds no nbdkit that runs"
    stamp nbdkit
fi

# --- qemu-nbd and nbd-server, for the same tests ---------------------------------

if $want_tools && ! done_with nbd-servers; then
    apt_update
    rig_log "getting qemu-nbd, nbd-server and the libraries that they need"
    fetch qemu-utils nbd-server
    rm -rf "$RIG_CACHE/nbd-servers"
    unpack "$RIG_CACHE/nbd-servers" 'lib*' 'zlib1g*' 'qemu-utils*' 'nbd-server*'
    for server in qemu-nbd nbd-server; do
        cat > "$RIG_CACHE/bin/$server" <<WRAP
#!/bin/sh
# Runs $server with the loader and libraries that it was built against.
root=\$(cd "\$(dirname "\$0")/../nbd-servers" && pwd)
lib=\$root/usr/lib/x86_64-linux-gnu
exec "\$lib/ld-linux-x86-64.so.2" --argv0 $server --library-path "\$lib" "\$root/usr/bin/$server" "\$@"
WRAP
        chmod +x "$RIG_CACHE/bin/$server"
    done
    "$RIG_CACHE/bin/qemu-nbd" --version >/dev/null || rig_die "the qemu-utils package holds no qemu-nbd that runs"
    "$RIG_CACHE/bin/nbd-server" -V >/dev/null || rig_die "the nbd-server package holds no nbd-server that runs"
    stamp nbd-servers
fi

# --- GRUB: makes the disks that a guest boots from ------------------------------

if $want_tools && ! done_with grub; then
    apt_update
    rig_log "getting GRUB and the libraries that it needs"
    fetch grub-common grub-pc-bin
    rm -rf "$RIG_GRUB_ROOT"
    unpack "$RIG_GRUB_ROOT" 'lib*' 'zlib1g*' 'grub-common*' 'grub-pc-bin*'
    cat > "$RIG_CACHE/bin/grub-mkimage" <<'WRAP'
#!/bin/sh
# Runs grub-mkimage for PCs with a BIOS, with the loader and libraries that it was built against.
root=$(cd "$(dirname "$0")/../grub" && pwd)
lib=$root/usr/lib/x86_64-linux-gnu
exec "$lib/ld-linux-x86-64.so.2" --argv0 grub-mkimage --library-path "$lib" \
    "$root/usr/bin/grub-mkimage" -O i386-pc -d "$root/usr/lib/grub/i386-pc" "$@"
WRAP
    chmod +x "$RIG_CACHE/bin/grub-mkimage"
    "$RIG_CACHE/bin/grub-mkimage" --version >/dev/null || rig_die "the grub-common package holds no grub-mkimage that runs"
    stamp grub
fi

# --- tshark: reads what this project captures -----------------------------------

if $want_tools && ! done_with tshark; then
    apt_update
    rig_log "getting tshark and the libraries that it needs"
    fetch tshark
    rm -rf "$RIG_CACHE/tshark"
    unpack "$RIG_CACHE/tshark" 'lib*' 'zlib1g*' 'tshark*' 'wireshark-common*'
    cat > "$RIG_CACHE/bin/tshark" <<'WRAP'
#!/bin/sh
# Runs tshark with the loader and libraries that it was built against, and nobody's settings.
root=$(cd "$(dirname "$0")/../tshark" && pwd)
lib=$root/usr/lib/x86_64-linux-gnu
export WIRESHARK_DATA_DIR="$root/usr/share/wireshark"
export WIRESHARK_CONFIG_DIR="$root/no-settings" WIRESHARK_PLUGIN_DIR="$root/no-plugins"
exec "$lib/ld-linux-x86-64.so.2" --argv0 tshark --library-path "$lib" "$root/usr/bin/tshark" "$@"
WRAP
    chmod +x "$RIG_CACHE/bin/tshark"
    # Where this tshark looks for it; without it, root may not load a Lua script.
    mkdir -p "$RIG_CACHE/tshark/usr/lib/x86_64-linux-gnu/plugins"
    echo 'run_user_scripts_when_superuser = true' > "$RIG_CACHE/tshark/usr/lib/x86_64-linux-gnu/plugins/init.lua"
    "$RIG_CACHE/bin/tshark" --version | grep -q Lua || rig_die "the tshark package holds no tshark with Lua that runs"
    stamp tshark
fi

rm -rf "$apt_dir"
rig_log "$("$RIG_QEMU" --version | head -n 1)"
rig_log "guest kernel $(rig_kernel_version)"
rig_log "cache $RIG_CACHE: $(du -sh "$RIG_CACHE" | cut -f1)"
