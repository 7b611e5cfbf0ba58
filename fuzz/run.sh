#!/bin/bash
# usage: fuzz/run.sh SECONDS [TARGET...]
# Runs each target that long and prints how many inputs it tried. Needs cargo-fuzz and g++; works with a stable compiler.
# KALC_FUZZ_SANITIZER=address looks for memory errors too; nothing here is unsafe, so the default is `none`, which tries
# ten times as many inputs.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:?usage: fuzz/run.sh SECONDS [TARGET...]}
shift
targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=(lex structure expand check receive ipv4 arp ndisc bfd ipvs answer replies)
export RUSTC_BOOTSTRAP=1
sanitizer=${KALC_FUZZ_SANITIZER:-none}
fuzz/seed.sh
cargo fuzz build --sanitizer "$sanitizer"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
for target in "${targets[@]}"; do
    case $target in
        receive | ipv4 | arp | ndisc | bfd | ipvs | answer | replies) options=(-max_len=512) ;;
        *) options=(-max_len=4096 -dict=fuzz/keepalived.dict) ;;
    esac
    if ! cargo fuzz run --sanitizer "$sanitizer" "$target" -- -max_total_time="$seconds" -timeout=20 \
        "${options[@]}" -print_final_stats=1 >"$log" 2>&1; then
        tail -n 40 "$log"
        echo "fuzz: $target failed"
        exit 1
    fi
    executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    echo "fuzz: $target tried $executions inputs in $seconds s and found nothing"
done
