# After kill -9 the table stays and serves; the next daemon takes it over, and removes what it no longer has.
alone host
foreign=$(printf '%s\n' '-A -t 192.0.2.200:80 -s wlc' '-a -t 192.0.2.200:80 -r 198.51.100.99:80 -m -w 3')
at host ipvsadm -R <<<"$foreign"
service() { # VIP SERVER...
    printf 'virtual_server 192.0.2.%s 80 {\n lb_algo rr\n lb_kind NAT\n protocol TCP\n' "$1"
    for server in "${@:2}"; do printf ' real_server 198.51.100.%s 80 {\n }\n' "$server"; done
    echo '}'
}
{ service 100 11 12; service 101 11; } >host.conf
kalc_on host "$PWD/host.conf"
daemon=$started
expect "all are there" within 20 has_servers host 4
kill -KILL "$daemon"
wait "$daemon"
expect "the table stays" has_servers host 4
service 100 12 13 >host.conf
kalc_on host "$PWD/host.conf"
daemon=$started
expect "what is gone is gone" within 20 has_rows host 192.0.2.101 0
expect "what is new is there" within 20 has_rows host 198.51.100.13 1
expect "what has left its service" has_rows host 198.51.100.11 0
expect "the foreign one stays" has_rows host 192.0.2.200 1
kill -KILL "$daemon"
wait "$daemon"
say "the next one has no virtual servers at all"
printf 'global_defs {\n router_id none\n}\n' >host.conf
kalc_on host "$PWD/host.conf"
daemon=$started
left() { [ "$(rules host)" = "$foreign" ]; }
expect "only the foreign one is left" within 20 left
kill "$daemon"
wait "$daemon"
expect "and stays" left
