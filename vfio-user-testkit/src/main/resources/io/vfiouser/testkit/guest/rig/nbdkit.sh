#!/usr/bin/env bash
# Runs the rig's nbdkit in the foreground: nbdkit.sh PLUGIN ARGS... (setup-qemu.sh --tools gets it).
set -euo pipefail
case ${1:-} in -h|--help|'') sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' "$0"; exit 0 ;; esac
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
[ -x "$RIG_CACHE/bin/nbdkit" ] || rig_die "no nbdkit in $RIG_CACHE: run setup-qemu.sh --tools"
exec "$RIG_CACHE/bin/nbdkit" "$@"
