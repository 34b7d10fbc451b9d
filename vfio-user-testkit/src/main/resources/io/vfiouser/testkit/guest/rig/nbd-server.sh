#!/usr/bin/env bash
# Runs one of the rig's NBD servers in the foreground: nbd-server.sh qemu-nbd|nbd-server ARGS...
# (setup-qemu.sh --tools gets them; nbdkit has a script of its own).
set -euo pipefail
case ${1:-} in -h|--help|'') sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' "$0"; exit 0 ;; esac
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
case $1 in
    qemu-nbd|nbd-server) ;;
    *) rig_die "$1 (expected: qemu-nbd or nbd-server)" ;;
esac
[ -x "$RIG_CACHE/bin/$1" ] || rig_die "no $1 in $RIG_CACHE: run setup-qemu.sh --tools"
exec "$RIG_CACHE/bin/$1" "${@:2}"
