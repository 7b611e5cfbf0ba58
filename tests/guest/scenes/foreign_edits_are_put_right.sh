# Somebody edits what is ours with ipvsadm: it is told and put right; what is theirs is left alone.
alone host
{
    printf 'virtual_server 192.0.2.100 80 {\n lb_algo rr\n lb_kind NAT\n protocol TCP\n'
    for server in 11 12; do printf ' real_server 198.51.100.%s 80 {\n }\n' $server; done
    echo '}'
} >host.conf
kalc_on host "$PWD/host.conf"
expect "the servers are there" within 20 has_servers host 2
before=$(rules host)
at host ipvsadm -d -t 192.0.2.100:80 -r 198.51.100.11:80
at host ipvsadm -e -t 192.0.2.100:80 -r 198.51.100.12:80 -m -w 9
at host ipvsadm -a -t 192.0.2.100:80 -r 198.51.100.13:80 -m
at host ipvsadm -E -t 192.0.2.100:80 -s wlc
foreign=$(printf '%s\n' '-A -t 192.0.2.200:80 -s wlc')
at host ipvsadm -R <<<"$foreign"
is_right() { [ "$(rules host)" = "$(printf '%s\n%s' "$before" "$foreign")" ]; }
expect "within half a minute all is as it was" within 60 is_right
same "the rules" "$(printf '%s\n%s' "$before" "$foreign")" "$(rules host)"
same "what was told" 4 "$(grep -c 'somebody else changed the table' host.log)"
