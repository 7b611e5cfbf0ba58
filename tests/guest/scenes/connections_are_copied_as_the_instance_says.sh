# lvs_sync_daemon: which way connections are copied follows the instance, as with keepalived.
alone keepalived kalc
for daemon in keepalived kalc; do
    cat >$daemon.conf <<'CONFIG'
global_defs {
    lvs_sync_daemon eth0 inst VI id 7 maxlen 1000 port 8900 ttl 3 group 224.0.0.90
}
vrrp_instance VI {
    interface eth0
    virtual_router_id 77
    state BACKUP
    priority 100
    advert_int 1
    virtual_ipaddress {
        192.0.2.180/32
    }
}
virtual_server 192.0.2.180 80 {
    lb_algo rr
    lb_kind NAT
    protocol TCP
    real_server 198.51.100.11 80 {
    }
}
CONFIG
    ${daemon}_on $daemon "$PWD/$daemon.conf"
    eval "pid_$daemon=$started"
done
copying() { at "$1" ipvsadm -L --daemon; }
is() { copying "$1" | grep -q "^$2 sync daemon"; }
is_only() { is "$1" "$2" && [ "$(copying "$1" | wc -l)" = 1 ]; }
expect "a backup takes in" within 20 is_only kalc backup
expect "a master sends" within 30 is_only kalc master
within 30 is_only keepalived master
same "as a master" "$(copying keepalived)" "$(copying kalc)"
for daemon in keepalived kalc; do at $daemon ip link set eth0 down; done
expect "a faulty one takes in" within 20 is_only kalc backup
within 20 is_only keepalived backup
same "in fault" "$(copying keepalived)" "$(copying kalc)"
kill "$pid_keepalived" "$pid_kalc"
wait "$pid_keepalived" "$pid_kalc"
same "at the end" "$(copying keepalived)" "$(copying kalc)"
