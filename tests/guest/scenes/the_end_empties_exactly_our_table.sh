# SIGTERM takes out what is ours and leaves what others have; so does `lvs_flush_on_stop VS`.
alone plain flushed
foreign=$(printf '%s\n' '-A -t 192.0.2.200:80 -s wlc' '-a -t 192.0.2.200:80 -r 198.51.100.99:80 -m -w 3')
config() {
    printf 'global_defs {\n%s\n}\n' "$1"
    for vip in $(seq 10 59); do
        printf 'virtual_server 192.0.2.%s 80 {\n lb_algo rr\n lb_kind NAT\n protocol TCP\n' "$vip"
        for server in $(seq 11 15); do printf ' real_server 198.51.100.%s 80 {\n }\n' "$server"; done
        echo '}'
    done
}
config '' >plain.conf
config 'lvs_flush_on_stop VS' >flushed.conf
for host in plain flushed; do
    at $host ipvsadm -R <<<"$foreign"
    kalc_on $host "$PWD/$host.conf"
    daemon=$started
    expect "$host: all are there" within 30 has_servers $host 251
    kill -TERM "$daemon"
    wait "$daemon"
    same "$host: exit status" 0 $?
    same "$host: what is left" "$foreign" "$(rules $host)"
    expect "$host: nothing is written down any more" [ ! -e "/run/$SCENE-$host/services.json" ]
done
