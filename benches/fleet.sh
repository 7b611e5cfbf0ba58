#!/bin/bash
# usage: sudo benches/fleet.sh [HOSTS [RUNS]]
# Makes a fleet of HOSTS (1000) configurations of 300 lines, pairs of each other, and times `kalc check` of the folder beside
# `keepalived --config-test` of each file, turn by turn, on one core and on two. Prints the fastest run of each: wall
# time, and processor time, which says more on a machine that has other things to do. Needs root or user namespaces,
# keepalived and iproute2.
set -euo pipefail
cd "$(dirname "$0")/.."
if [ "${KALC_FLEET_INSIDE:-}" != 1 ]; then
    cargo build --release --quiet --bin kalc --example generate
    user=()
    [ "$(id -u)" = 0 ] || user=(--map-root-user)
    KALC_FLEET_INSIDE=1 exec unshare "${user[@]}" --net --uts --mount "$0" "$@"
fi

hosts=${1:-1000}
runs=${2:-5}
target=${CARGO_TARGET_DIR:-target}/release
kalc=$(realpath "$target/kalc")
fleet=$(mktemp -d)
trap 'rm -rf "$fleet"' EXIT
export LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin
ip link set lo up
# The interface that the files name.
ip link add eth0 type veth peer name eth1
ip link set eth0 up
ip link set eth1 up
mount -t tmpfs none /run
"$target/examples/generate" fleet "$hosts" "$fleet/hosts"
find "$fleet/hosts" -name keepalived.conf | sort >"$fleet/list"

check_kalc() { taskset -c "$1" "$kalc" check "$fleet/hosts"; }
# As many at a time as there are cores.
check_keepalived() {
    local cores=${1//[^,]/}
    taskset -c "$1" xargs -a "$fleet/list" -P $((${#cores} + 1)) -I {} keepalived --config-test --use-file {}
}

# Wall and processor time of one run, in seconds.
measure() {
    local TIMEFORMAT='%R %U %S'
    { time "check_$1" "$2" >"$fleet/said.$1" 2>&1; } 2>&1 | awk '{ print $1, $2 + $3 }' >>"$fleet/time.$1"
}
least() { sort -n -k"$2" "$fleet/time.$1" | head -n 1 | cut -d' ' -f"$2"; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.1f", a / b }'; }

keepalived --version 2>&1 | sed -n 1p
"$kalc" --version
echo "$hosts hosts, $(cat "$fleet"/hosts/*/keepalived.conf | wc -l) lines, $(du -sb --apparent-size "$fleet/hosts" | cut -f1) bytes"
printf '%-6s %10s %10s %12s %12s %7s %7s\n' cores 'kalc s' 'cpu s' 'keepalived s' 'cpu s' ratio 'cpu'
for cores in 0 0,1; do
    rm -f "$fleet"/time.*
    for ((n = 0; n < runs; n++)); do
        measure kalc "$cores"
        measure keepalived "$cores"
    done
    a=$(least kalc 1) b=$(least kalc 2) c=$(least keepalived 1) d=$(least keepalived 2)
    printf '%-6s %10s %10s %12s %12s %7s %7s\n' "$cores" "$a" "$b" "$c" "$d" "$(ratio "$c" "$a")" "$(ratio "$d" "$b")"
done
# Files that one of them complains of would measure how fast it complains.
echo "keepalived: $(grep -c . "$fleet/said.keepalived") lines of complaints"
echo "kalc: $(tail -n 1 "$fleet/said.kalc")"
