# One director, two servers, one service for each way of forwarding. A server that dies leaves and returns.
hosts client director rs1 rs2
vips='100 101 102'
at client ip addr add 192.0.2.10/24 dev eth0
at director ip addr add 192.0.2.1/24 dev eth0
at director ip addr add 198.51.100.1/24 dev eth0
for vip in $vips; do at director ip addr add 192.0.2.$vip/32 dev eth0; done
at director sysctl -qw net.ipv4.ip_forward=1
at director sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.eth0.rp_filter=0
for number in 1 2; do
    host=rs$number
    at $host ip addr add 198.51.100.1$number/24 dev eth0
    # Answers of NAT go back through the director; those of DR and TUN go to the client.
    at $host ip route add default via 198.51.100.1
    at $host sysctl -qw net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2
    at $host ip addr add 192.0.2.101/32 dev lo
    modprobe ipip
    at $host ip link set tunl0 up
    at $host ip addr add 192.0.2.102/32 dev tunl0
    at $host sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.eth0.rp_filter=0 net.ipv4.conf.tunl0.rp_filter=0
    for vip in 101 102; do at $host ip rule add from 192.0.2.$vip lookup 100; done
    at $host ip route add 192.0.2.0/24 dev eth0 table 100
    serve $host
    eval "web_$number=$served"
done
{
    for service in 100:NAT 101:DR 102:TUN; do
        printf 'virtual_server 192.0.2.%s 80 {\n delay_loop 1\n warmup 0\n lb_algo rr\n lb_kind %s\n protocol TCP\n' "${service%:*}" "${service#*:}"
        for server in 11 12; do
            printf ' real_server 198.51.100.%s 80 {\n  TCP_CHECK {\n   connect_timeout 2\n   retry 1\n   delay_before_retry 1\n  }\n }\n' $server
        done
        echo '}'
    done
} >director.conf
kalc_on director "$PWD/director.conf"
daemon=$started
expect "both servers are there" within 20 has_servers director 6
for vip in $vips; do same "192.0.2.$vip" 'rs1=5 rs2=5' "$(answers client "http://192.0.2.$vip/" 10)"; done
say "rs2 dies"
kill "$web_2"
expect "it leaves" within 20 has_rows director 198.51.100.12 0
expect "rs1 stays" has_rows director 198.51.100.11 3
for vip in $vips; do same "192.0.2.$vip" 'rs1=4' "$(answers client "http://192.0.2.$vip/" 4)"; done
at director kalc status --run-dir "/run/$SCENE-director" >status
expect "the state says why" grep -q 'down .*TCP_CHECK: connection refused' status
serve rs2
expect "it returns" within 20 has_rows director 198.51.100.12 3
kill -TERM "$daemon"
wait "$daemon"
same "exit status" 0 $?
expect "the table is empty" is_empty director
