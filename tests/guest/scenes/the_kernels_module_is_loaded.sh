# A kernel that has not loaded its load balancer yet is no obstacle.
expect "it is not loaded" [ ! -e /proc/net/ip_vs ]
alone host
cat >host.conf <<'CONFIG'
virtual_server 192.0.2.100 80 {
    lb_algo rr
    lb_kind NAT
    protocol TCP
    real_server 198.51.100.11 80 {
    }
}
CONFIG
kalc_on host "$PWD/host.conf"
expect "the server is there" within 20 has_servers host 1
