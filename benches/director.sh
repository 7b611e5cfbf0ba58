#!/bin/bash
# usage: benches/director.sh
# How long kalc and keepalived need to fill the kernel's table of virtual servers, to change one weight by a reload, and
# to empty it, in the guest of tests/guest (QEMU without KVM: compare, and take no time for that of a real machine).
set -euo pipefail
cd "$(dirname "$0")/.."
target=${CARGO_TARGET_DIR:-target}
tests/guest/kernel.sh "$target/guest-kernel"
KALC_TEST_ALL=1 KALC_GUEST_PLAY=benches/director cargo test --release --quiet --test guest what_is_asked_for -- --nocapture
