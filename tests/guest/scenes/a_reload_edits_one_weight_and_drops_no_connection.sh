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
    ip netns exec "$(space rs$number)" nc -ll -p 7 -e cat &
    daemons+=($!)
done
config() { # WEIGHT
    printf 'virtual_server 192.0.2.100 7 {\n delay_loop 60\n lb_algo wrr\n lb_kind NAT\n protocol TCP\n'
    printf ' real_server 198.51.100.11 7 {\n  weight %s\n  TCP_CHECK {\n  }\n }\n real_server 198.51.100.12 7 {\n  weight 1\n  TCP_CHECK {\n  }\n }\n}\n' "$1"
}
config 1 >director.conf
kalc_on director "$PWD/director.conf"
daemon=$started
expect "the servers are there" within 20 has_servers director 2

# Two connections, so that each server has one.
for number in 1 2; do
    mkfifo "to-$number"
    ip netns exec "$(space client)" nc 192.0.2.100 7 <"to-$number" >"from-$number" &
    daemons+=($!)
    exec {pipe}>"to-$number"
    eval "to_$number=$pipe"
    echo before >&"$pipe"
done
heard() { grep -q "$1" from-1 && grep -q "$1" from-2; }
expect "both connections answer" within 30 heard before

strace -f -p "$daemon" -e trace=sendto,sendmsg -s 4096 -o trace.log &
tracer=$!
daemons+=("$tracer")
within 10 grep -q "TracerPid:[[:space:]]*$tracer" "/proc/$daemon/status"
config 5 >director.conf
at director kalc reload --run-dir "/run/$SCENE-director" >reload.log
same "the reload" 0 $?
expect "the weight is the new one" within 10 has_rows director '198.51.100.11:7 Masq 5' 1
sleep 1
kill "$tracer"
wait "$tracer"
# Everything that went to IPVS: one call, with one message, which sets one destination (command 6 of the family).
family=$(grep -o 'nlmsg_type=IPVS\|nlmsg_type=0x[0-9a-f]*' trace.log | sort | uniq -c)
echo "messages of generic netlink: $family"
same "messages of generic netlink" 1 "$(grep -c 'nlmsg_type=\(IPVS\|0x\)' trace.log)"
same "messages in it" 1 "$(grep 'nlmsg_type=\(IPVS\|0x\)' trace.log | grep -o 'nlmsg_type=' | wc -l)"
for number in 1 2; do eval "echo after >&\$to_$number"; done
expect "both connections go on" within 30 heard after
at director ipvsadm -Lnc
head from-*
