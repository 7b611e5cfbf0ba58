#!/bin/bash
# usage: unshare [--map-root-user] --net --uts --mount tests/probes/run.sh OUT
# Tests every probe with keepalived's own config test on a host that has what the probes name: interfaces eth0 and eth1
# with addresses, and the host name lb1. For each probe, OUT gets NAME.status and NAME.text. Namespaces keep all of it
# from the machine.
set -eu
out=$(realpath "$1")
cd "$(dirname "$0")"
export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C
hostname lb1
ip link set lo up
for n in 0 1; do
    ip link add "eth$n" type veth peer name "far$n"
    ip link set "eth$n" up
    ip link set "far$n" up
done
ip address add 192.0.2.1/24 dev eth0
ip -6 address add 2001:db8::1/64 dev eth0 nodad
ip address add 198.51.100.1/24 dev eth1
ulimit -n 256
# A keepalived that runs on the machine has its files here.
mount -t tmpfs none /run
for probe in *.conf; do
    name=${probe%.conf}
    status=0
    timeout 20 keepalived --config-test --use-file "$probe" --config-id lb1 >"$out/$name.text" 2>&1 </dev/null || status=$?
    echo "$status" >"$out/$name.status"
done
