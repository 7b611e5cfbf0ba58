# A reload that changes one weight is one edit, and a connection through the server goes on.
hosts client director rs1 rs2
at client ip addr add 192.0.2.10/24 dev eth0
at director ip addr add 192.0.2.1/24 dev eth0
at director ip addr add 192.0.2.100/32 dev eth0
at director ip addr add 198.51.100.1/24 dev eth0
at director sysctl -qw net.ipv4.ip_forward=1
for number in 1 2; do
    at rs$number ip addr add 198.51.100.1$number/24 dev eth0
    at rs$number ip route add default via 198.51.100.1
    serve rs$number
done
config() { # WEIGHT
    printf 'virtual_server 192.0.2.100 80 {\n delay_loop 60\n lb_algo wrr\n lb_kind NAT\n protocol TCP\n'
    printf ' real_server 198.51.100.11 80 {\n  weight %s\n  TCP_CHECK {\n  }\n }\n real_server 198.51.100.12 80 {\n  weight 1\n  TCP_CHECK {\n  }\n }\n}\n' "$1"
}
config 1 >director.conf
kalc_on director "$PWD/director.conf"
daemon=$started
expect "the servers are there" within 20 has_servers director 2

# Two connections, so that each server has one; each asks once before the reload and once after it.
cat >ask <<'CLIENT'
exec 3<>/dev/tcp/192.0.2.100/80 || exit 1
for word in before after; do
    until [ -e "$word" ]; do sleep 0.1; done
    printf 'GET / HTTP/1.1\r\nHost: x\r\n\r\n' >&3
    while read -r -t 30 line <&3; do
        case $line in rs*) echo "$word $line"; break ;; esac
    done
done
CLIENT
for number in 1 2; do
    ip netns exec "$(space client)" bash ask >"said-$number" &
    daemons+=($!)
done
heard() { [ "$(cat said-* | grep -c "^$1")" = 2 ]; }
touch before
expect "both connections answer" within 30 heard before

strace -f -p "$daemon" -e trace=sendto,sendmsg -s 4096 -o trace.log &
tracer=$!
daemons+=("$tracer")
within 10 grep -q "TracerPid:[[:space:]]*$tracer" "/proc/$daemon/status"
config 5 >director.conf
at director kalc reload --run-dir "/run/$SCENE-director" >reload.log
same "the reload" 0 $?
expect "the weight is the new one" within 10 has_rows director '198.51.100.11:80 Masq 5' 1
sleep 1
kill "$tracer"
wait "$tracer"
# Everything that went to IPVS: one call, with one message, which sets one destination (command 6 of the family).
family=$(grep -o 'nlmsg_type=IPVS\|nlmsg_type=0x[0-9a-f]*' trace.log | sort | uniq -c)
echo "messages of generic netlink: $family"
same "messages of generic netlink" 1 "$(grep -c 'nlmsg_type=\(IPVS\|0x\)' trace.log)"
same "messages in it" 1 "$(grep 'nlmsg_type=\(IPVS\|0x\)' trace.log | grep -o 'nlmsg_type=' | wc -l)"
touch after
expect "both connections go on" within 30 heard after
same "by their servers" "$(cut -d ' ' -f 2 said-* | sort -u | wc -l)" 2
cat said-*
