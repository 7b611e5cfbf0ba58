# Played in the guest of tests/guest by benches/director.sh: how long a director needs for its table, kalc and keepalived
# turn by turn.
now() { echo "${EPOCHREALTIME/./}"; }
since() { echo "$((($(now) - $1) / 1000)) ms"; }
config() { # SERVICES WEIGHT : 10 servers each; the weight is that of the last server of all
    awk -v services="$1" -v weight="$2" 'BEGIN {
        for (service = 0; service < services; service++) {
            printf "virtual_server 10.1.%d.%d 80 {\n lb_algo wrr\n lb_kind NAT\n protocol TCP\n", service / 250, service % 250 + 1
            for (server = 1; server <= 10; server++)
                printf " real_server 10.2.0.%d 80 {\n  weight %d\n }\n", server, (service == services - 1 && server == 10) ? weight : 1
            print "}"
        }
    }'
}
last() { echo "10.1.$((($1 - 1) / 250)).$((($1 - 1) % 250 + 1)):80"; } # SERVICES
rows() { at "$1" grep -c '^  ->' /proc/net/ip_vs; }
run_one() { # DAEMON SERVICES
    local host=$1-$2-$RANDOM services=$2 begin
    alone "$host"
    config "$services" 1 >"$host.conf"
    begin=$(now)
    "${1}_on" "$host" "$PWD/$host.conf"
    until [ "$(rows "$host")" = $((services * 10 + 1)) ]; do sleep 0.005; done
    echo "$1, $services x 10: the table is filled $(since "$begin") after the start of the process"
    sleep 2
    config "$services" 7 >"$host.conf"
    begin=$(now)
    kill -HUP "$started"
    until at "$host" ipvsadm -Ln -t "$(last "$services")" | grep -q 'Masq    7 '; do sleep 0.002; done
    echo "$1, $services x 10: one weight is changed $(since "$begin") after SIGHUP"
    sleep 2
    begin=$(now)
    kill -TERM "$started"
    until [ "$(rows "$host")" = 1 ]; do sleep 0.005; done
    echo "$1, $services x 10: the table is empty $(since "$begin") after SIGTERM"
    wait "$started"
    ip netns del "$(space "$host")"
}
for turn in 1 2; do
    for services in 100 1000; do
        for daemon in keepalived kalc; do run_one $daemon $services; done
    done
done
begin=$(now)
at_nothing=$(ip netns exec "$(alone nothing; space nothing)" ipvsadm -Ln -t 10.1.0.1:80 2>/dev/null)
echo "a look at the table takes $(since "$begin")"
grep -h 'edits' ./*.log || true
