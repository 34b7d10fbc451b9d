#!/usr/bin/env bash
# Runs the rig's tshark: tshark.sh ARGS... (setup-qemu.sh --tools gets it).
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
[ -x "$RIG_CACHE/bin/tshark" ] || rig_die "no tshark in $RIG_CACHE: run setup-qemu.sh --tools"
exec "$RIG_CACHE/bin/tshark" "$@"
