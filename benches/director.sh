#!/bin/bash
# usage: benches/director.sh
# How long kalc and keepalived need to fill the kernel's table of virtual servers, to change one weight by a reload, and
# to empty it, and what checks cost, in the guest of tests/guest (QEMU without KVM: compare, and take no time for that of a real machine).
set -euo pipefail
cd "$(dirname "$0")/.."
target=${CARGO_TARGET_DIR:-target}
tests/guest/kernel.sh "$target/guest-kernel"
# One after the other: scenes of one folder are played together.
for figures in benches/director benches/director-load; do
    KALC_TEST_ALL=1 KALC_GUEST_PLAY=$figures cargo test --release --quiet --test guest what_is_asked_for -- --nocapture
done
