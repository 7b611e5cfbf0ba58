#!/bin/bash
# usage: sudo benches/compare.sh [RUNS]
# Times `kalc check` beside `keepalived --config-test` on the same generated files, in a network namespace with the
# interfaces that the files name, turn by turn. Prints the fastest run of each by the clock, the processor time (user and
# system) of the cheapest run, which a busy machine hardly changes, the ratios of both, peak memory, and how kalc's time
# grows with the size of the file. Needs root or user namespaces, keepalived and iproute2; without Debian's `time` there
# are no figures for memory.
set -euo pipefail
cd "$(dirname "$0")/.."
for needed in keepalived ip unshare; do
    PATH=$PATH:/usr/sbin:/sbin command -v "$needed" >/dev/null || { echo "compare.sh needs $needed, which is not here"; exit 2; }
done
[ -x /usr/bin/time ] || echo "without /usr/bin/time (Debian's package time) memory is shown as 0"
if [ "${KALC_COMPARE_INSIDE:-}" != 1 ]; then
    cargo build --release --quiet --bin kalc --example generate
    user=()
    [ "$(id -u)" = 0 ] || user=(--map-root-user)
    KALC_COMPARE_INSIDE=1 exec unshare "${user[@]}" --net --uts --mount "$0" "$@"
fi

runs=${1:-15}
target=${CARGO_TARGET_DIR:-target}/release
kalc=$(realpath "$target/kalc")
generate=$(realpath "$target/examples/generate")
files=$(mktemp -d)
trap 'rm -rf "$files"' EXIT
export LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin
ip link set lo up
# Pairs of each other: two interfaces for the price of one, and every kernel has them.
for n in 0 2 4 6 8 10 12 14; do
    ip link add "eth$n" type veth peer name "eth$((n + 1))"
    ip link set "eth$n" up
    ip link set "eth$((n + 1))" up
done
mount -t tmpfs none /run

# Microseconds of each run of each command, the commands in turn, so that a busy moment hits all of them.
times() {
    local file=$1 alone=${2:-} command n start TIMEFORMAT='%3U %3S'
    rm -f "$files"/time.* "$files"/cpu.*
    for ((n = 0; n < runs; n++)); do
        for command in kalc keepalived; do
            [ "$command" = kalc ] || [ -z "$alone" ] || continue
            start=${EPOCHREALTIME/./}
            { time run "$command" "$file" >"$files/said.$command" 2>&1 || true; } 2>"$files/used"
            echo $((${EPOCHREALTIME/./} - start)) >>"$files/time.$command"
            awk '{ printf "%d\n", ($1 + $2) * 1000000 }' "$files/used" >>"$files/cpu.$command"
        done
    done
}

run() {
    case $1 in
        kalc) "$kalc" check ${alone:+--format short} "$2" ;;
        keepalived) keepalived --config-test --use-file "$2" ;;
    esac
}

least() { sort -n "$files/time.$1" | head -n 1; }
cheapest() { sort -n "$files/cpu.$1" | head -n 1; }
ms() { awk -v us="$1" 'BEGIN { printf "%.1f", us / 1000 }'; }
# Processor time is counted in milliseconds here: nothing takes less than one.
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.1f", a / (b > 1000 ? b : 1000) }'; }
per() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.1f", a / b }'; }
memory() {
    [ -x /usr/bin/time ] || { echo 0; return; }
    case $1 in
        kalc) /usr/bin/time -f %M -o "$files/memory" "$kalc" check "$2" >/dev/null 2>&1 || true ;;
        keepalived) /usr/bin/time -f %M -o "$files/memory" keepalived --config-test --use-file "$2" >/dev/null 2>&1 || true ;;
    esac
    tail -n 1 "$files/memory"
}

keepalived --version 2>&1 | sed -n 1p
"$kalc" --version
# What a process that does nothing costs here is in every figure.
printf '%-22s %8s %10s %10s %7s %10s %10s %7s %9s %9s\n' file kB 'kalc ms' 'keepal. ms' ratio 'kalc cpu' 'keep. cpu' ratio \
    'kalc kB' 'keep. kB'
compare() {
    local name=$1 kind=$2 lines=$3 file="$files/$1.conf"
    "$generate" "$kind" "$lines" >"$file"
    times "$file"
    local a b c d
    a=$(least kalc) b=$(least keepalived) c=$(cheapest kalc) d=$(cheapest keepalived)
    printf '%-22s %8s %10s %10s %7s %10s %10s %7s %9s %9s\n' "$name" $(($(stat -c %s "$file") / 1000)) "$(ms "$a")" "$(ms "$b")" \
        "$(ratio "$b" "$a")" "$(ms "$c")" "$(ms "$d")" "$(ratio "$d" "$c")" "$(memory kalc "$file")" "$(memory keepalived "$file")"
    # A file that one of them complains of would measure how fast it complains.
    if grep -q . "$files/said.keepalived"; then echo "  keepalived: $(wc -l <"$files/said.keepalived") lines, first: $(head -n 1 "$files/said.keepalived")"; fi
    if ! grep -q 'nothing to report' "$files/said.kalc"; then echo "  kalc: $(tail -n 1 "$files/said.kalc")"; fi
}
compare vrrp-50000-lines vrrp 50000
compare servers-50000-lines servers 50000
compare vrrp-100-lines vrrp 100
compare servers-100-lines servers 100

echo
echo 'kalc alone with one line a finding, processor time of the cheapest run: it should grow as size does'
printf '%-10s %9s %9s %9s %9s\n' kind lines kB 'cpu ms' 'ns/byte'
for kind in vrrp servers unclosed; do
    for lines in 25000 50000 100000 200000; do
        "$generate" "$kind" "$lines" >"$files/grow.conf"
        times "$files/grow.conf" alone
        size=$(stat -c %s "$files/grow.conf")
        printf '%-10s %9s %9s %9s %9s\n' "$kind" "$lines" $((size / 1000)) "$(ms "$(cheapest kalc)")" "$(per "$(($(cheapest kalc) * 1000))" "$size")"
    done
done
