# Played in the guest of tests/guest by benches/director.sh: what checks cost. Servers are addresses of the loopback interface,
# with one nginx behind all of them; a check is a TCP connection, counted by the kernel.
config() { # SERVERS SECONDS
    awk -v servers="$1" -v seconds="$2" 'BEGIN {
        for (server = 0; server < servers; server++) {
            if (server % 100 == 0) {
                if (server) print "}"
                printf "virtual_server 10.1.%d.1 80 {\n delay_loop %d\n lb_algo wrr\n lb_kind NAT\n protocol TCP\n", server / 100, seconds
            }
            printf " real_server 127.%d.%d.1 80 {\n  TCP_CHECK {\n   connect_timeout 3\n  }\n }\n", 1 + server / 250, server % 250 + 1
        }
        print "}"
    }'
}
family() { # PID : it and its children
    local pid
    echo "$1"
    for pid in $(cat "/proc/$1/task/$1/children"); do family "$pid"; done
}
ticks() { # PID
    local pid sum=0 fields
    for pid in $(family "$1"); do
        read -r -a fields < <(sed 's/.*) //' "/proc/$pid/stat")
        sum=$((sum + fields[11] + fields[12]))
    done
    echo $sum
}
memory() { # PID : KiB
    local pid
    for pid in $(family "$1"); do cat "/proc/$pid/smaps_rollup"; done | awk '/^Pss:/ { sum += $2 } END { print sum }'
}
opened() { at "$1" awk '/^Tcp:/ && $6 ~ /[0-9]/ { print $6 }' /proc/net/snmp; } # HOST
run_one() { # DAEMON SERVERS SECONDS
    local host=$1-$2-$3 before used begin
    alone "$host"
    at "$host" sysctl -qw net.ipv4.ip_local_port_range='1024 65000' net.ipv4.tcp_tw_reuse=1 net.core.somaxconn=8192
    serve "$host"
    config "$2" "$3" >"$host.conf"
    "${1}_on" "$host" "$PWD/$host.conf"
    # All have been looked at, and what was read is forgotten.
    sleep 13
    before=$(opened "$host") used=$(ticks "$started") begin=${EPOCHREALTIME/./}
    sleep 16
    awk -v daemon="$1" -v servers="$2" -v seconds="$3" -v checks=$(($(opened "$host") - before)) \
        -v ticks=$(($(ticks "$started") - used)) -v micros=$((${EPOCHREALTIME/./} - begin)) -v memory="$(memory "$started")" 'BEGIN {
            printf "%s, %d servers every %d s: %d checks a second, %.2f CPUs, %d checks a CPU second, %d KiB\n", daemon, servers, seconds,
                checks * 1e6 / micros, ticks * 1e4 / micros, checks * 100 / (ticks ? ticks : 1), memory
        }'
    grep -c '^  ->' <(at "$host" cat /proc/net/ip_vs) | sed 's/^/rows of the table: /'
    kill "$started" "$served"
    wait "$started" || true
    ip netns del "$(space "$host")"
}
for daemon in keepalived kalc; do
    run_one $daemon 10000 6
    run_one $daemon 6000 1
done
