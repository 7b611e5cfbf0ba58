# Two directors that are the two real servers, too (DR): as the how-tos have it, scripts give the master a configuration
# with virtual servers and the backup one without, so that the backup answers what the master sends instead of balancing it
# again.
hosts client d1 d2
at client ip addr add 192.0.2.10/24 dev eth0
for number in 1 2; do
    host=d$number
    at $host ip addr add 192.0.2.2$number/24 dev eth0
    # Each answers for the virtual address; only who holds it on eth0 says so.
    at $host ip addr add 192.0.2.100/32 dev lo
    at $host sysctl -qw net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2
    serve $host
    : >$host.servers.empty
    {
        printf 'virtual_server 192.0.2.100 80 {\n delay_loop 1\n warmup 0\n lb_algo rr\n lb_kind DR\n protocol TCP\n'
        for server in 21 22; do
            printf ' real_server 192.0.2.%s 80 {\n  TCP_CHECK {\n   connect_timeout 2\n   retry 1\n   delay_before_retry 1\n  }\n }\n' $server
        done
        echo '}'
    } >$host.servers.full
    cp $host.servers.empty $host.servers
    cat >$host.swap <<SCRIPT
#!/bin/bash
cp $PWD/$host.servers.\$1 $PWD/$host.servers.new && mv $PWD/$host.servers.new $PWD/$host.servers
kill -HUP \$(cat /run/$SCENE-$host/kalc.pid)
SCRIPT
    chmod 755 $host.swap
    cat >$host.conf <<CONFIG
global_defs {
    script_user root
}
vrrp_instance web {
    state BACKUP
    interface eth0
    virtual_router_id 80
    priority $((120 - number * 10))
    advert_int 1
    virtual_ipaddress {
        192.0.2.100/32 dev eth0
    }
    notify_master "$PWD/$host.swap full"
    notify_backup "$PWD/$host.swap empty"
    notify_fault "$PWD/$host.swap empty"
}
include $PWD/$host.servers
CONFIG
    kalc_on $host "$PWD/$host.conf"
    eval "daemon_$number=$started"
done
balances() { # DIRECTOR OTHER
    has_servers "$1" 2 && is_empty "$2" && [ "$(answers client http://192.0.2.100/ 4)" = 'd1=2 d2=2' ]
}
expect "d1 balances, d2 only serves" within 40 balances d1 d2
same "requests" 'd1=5 d2=5' "$(answers client http://192.0.2.100/ 10)"
say "d1's daemon ends"
kill -TERM "$daemon_1"
wait "$daemon_1"
expect "d2 balances, d1 only serves" within 40 balances d2 d1
same "requests" 'd1=5 d2=5' "$(answers client http://192.0.2.100/ 10)"
say "d1 returns"
kalc_on d1 "$PWD/d1.conf"
expect "d1 balances again" within 60 balances d1 d2
same "requests" 'd1=5 d2=5' "$(answers client http://192.0.2.100/ 10)"
