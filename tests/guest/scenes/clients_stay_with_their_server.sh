# Persistence: one client gets one server, its neighbour in the same network too, and others others.
hosts client director rs1 rs2
for address in 10 11 12; do at client ip addr add 192.0.2.$address/24 dev eth0; done
at client ip addr add 203.0.113.10/24 dev eth0
at director ip addr add 192.0.2.1/24 dev eth0
at director ip addr add 203.0.113.1/24 dev eth0
at director ip addr add 192.0.2.100/32 dev eth0
at director ip addr add 198.51.100.1/24 dev eth0
at director sysctl -qw net.ipv4.ip_forward=1
for number in 1 2; do
    at rs$number ip addr add 198.51.100.1$number/24 dev eth0
    at rs$number ip route add default via 198.51.100.1
    serve rs$number
done
cat >director.conf <<'CONFIG'
virtual_server 192.0.2.100 80 {
    lb_algo rr
    lb_kind NAT
    protocol TCP
    persistence_timeout 60
    persistence_granularity 255.255.255.0
    real_server 198.51.100.11 80 {
    }
    real_server 198.51.100.12 80 {
    }
}
CONFIG
kalc_on director "$PWD/director.conf"
expect "the servers are there" within 20 has_servers director 2
ask() { # ADDRESS
    at client ip route replace 192.0.2.100/32 dev eth0 src "$1"
    answers client http://192.0.2.100/ 4
}
first=$(ask 192.0.2.10)
expect "one server for one client: $first" grep -qE '^rs[12]=4$' <<<"$first"
same "the neighbour" "$first" "$(ask 192.0.2.11)"
other=$(ask 203.0.113.10)
expect "another network, another server: $other" [ "$other" != "$first" ]
