# Services by mark, by IPv6 address, and by a group with a range, with a mark for IPv6 too.
hosts client director rs1 rs2
at client ip addr add 192.0.2.10/24 dev eth0
at client ip addr add 2001:db8:1::10/64 dev eth0
at director ip addr add 192.0.2.1/24 dev eth0
at director ip addr add 2001:db8:1::1/64 dev eth0
at director ip addr add 198.51.100.1/24 dev eth0
at director ip addr add 2001:db8:2::1/64 dev eth0
for vip in 100 101 102 110; do
    at director ip addr add 192.0.2.$vip/32 dev eth0
    at director ip addr add 2001:db8:1::$vip/128 dev eth0
done
at director sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
for number in 1 2; do
    at rs$number ip addr add 198.51.100.1$number/24 dev eth0
    at rs$number ip addr add 2001:db8:2::1$number/64 dev eth0
    at rs$number ip route add default via 198.51.100.1
    at rs$number ip -6 route add default via 2001:db8:2::1
    serve rs$number
done
at director nft -f - <<'RULES'
table inet marks {
    chain in {
        type filter hook prerouting priority -150;
        ip daddr 192.0.2.110 tcp dport 8000-8002 meta mark set 5
        ip6 daddr 2001:db8:1::110 tcp dport 8000-8002 meta mark set 6
    }
}
RULES
{
    printf 'virtual_server_group range {\n 192.0.2.100-102 80\n}\n'
    for header in 'group range' 'fwmark 5'; do
        printf 'virtual_server %s {\n lb_algo rr\n lb_kind NAT\n protocol TCP\n real_server 198.51.100.11 80 {\n }\n real_server 198.51.100.12 80 {\n }\n}\n' "$header"
    done
    for header in '2001:db8:1::100 80' 'fwmark 6'; do
        printf 'virtual_server %s {\n lb_algo rr\n lb_kind NAT\n protocol TCP\n ip_family inet6\n real_server 2001:db8:2::11 80 {\n }\n real_server 2001:db8:2::12 80 {\n }\n}\n' "$header"
    done
} >director.conf
kalc_on director "$PWD/director.conf"
expect "all servers are there" within 20 has_servers director 12
even='rs1=3 rs2=3'
for vip in 100 101 102; do same "a range: 192.0.2.$vip" "$even" "$(answers client "http://192.0.2.$vip/" 6)"; done
for port in 8000 8002; do same "a mark: port $port" "$even" "$(answers client "http://192.0.2.110:$port/" 6)"; done
same "IPv6" "$even" "$(answers client 'http://[2001:db8:1::100]/' 6)"
same "a mark of IPv6" "$even" "$(answers client 'http://[2001:db8:1::110]:8001/' 6)"
