# `use_vmac`: the same interface as keepalived makes, with the same settings; the virtual MAC is where the master is, and only
# there; after a takeover neighbours see no other one.
hosts a b client
for n in a:1 b:2 client:9; do at "${n%:*}" ip addr add "10.99.0.${n#*:}/24" dev eth0; done
config() { # PRIORITY [LINE]
    cat <<CONFIG
vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority $1
    advert_int 1
    use_vmac
    ${2:-}
    virtual_ipaddress {
        10.99.0.100/24
        10.99.0.101/32
    }
}
CONFIG
}
mac=00:00:5e:00:01:33
holds() { at "$1" ip -o addr show dev vrrp.51 2>/dev/null | grep -q '10\.99\.0\.100/24'; }
link() {
    at a ip -d -o link show dev vrrp.51 | sed 's/^[0-9]*: //; s/@if[0-9]*/@eth0/; s/\\ */ /g; s/gso.*//; s/addrgenmode [a-z0-9]*//'
    at a ip -o addr show dev vrrp.51 | sed 's/^[0-9]*: //; s/\\ */ /g'
    at a ip -4 route show dev vrrp.51
    local setting
    for setting in ipv4/conf/{vrrp.51,eth0}/{accept_local,arp_ignore,arp_filter,rp_filter,promote_secondaries} ipv6/conf/vrrp.51/disable_ipv6; do
        echo "$setting $(at a cat "/proc/sys/net/$setting")"
    done
}
settings() { at a sh -c 'cat /proc/sys/net/ipv4/conf/eth0/arp_ignore /proc/sys/net/ipv4/conf/eth0/arp_filter' | tr '\n' ' '; }

config 150 >a.conf
before=$(settings)
keepalived_on a a.conf
within 15 holds a || fail "keepalived holds the address"
sleep 1
theirs=$(link)
kill "$started"
wait "$started" 2>/dev/null
at a sh -c 'echo 0 >/proc/sys/net/ipv4/conf/eth0/arp_ignore; echo 0 >/proc/sys/net/ipv4/conf/eth0/arp_filter'
kalc_on a a.conf
a=$started
within 15 holds a || fail "kalc holds the address"
sleep 1
same "the interface, its addresses, routes and settings" "$theirs" "$(link)"
expect "no fault on the way" bash -c "! grep -q 'to FAULT' a.log"

# Which port of the switch the virtual MAC is behind.
behind() { at switch bridge fdb show br br0 | grep -q "^$mac dev p-$1 "; }
# Who answers for the address. (What a host sends from it may leave by the interface below, with that MAC, as under keepalived.)
seen() { at client arping -f -c 3 -w 5 -I eth0 10.99.0.100 | sed -n 's/.*\[\(.*\)\].*/\1/p' | head -n 1; }
reaches() { at client ping -c 1 -W 2 10.99.0.100; }
config 100 >b.conf
keepalived_on b b.conf
b=$started
sleep 3
expect "the client reaches it" reaches
same "by the virtual MAC" "$mac" "$(seen)"
expect "the switch has it behind the master" behind a
kill -9 "$a"
within 15 holds b || fail "keepalived takes over"
within 5 behind b || fail "the switch has it behind the new master"
expect "the client reaches it there" reaches
same "by the same MAC" "$mac" "$(seen)"
kalc_on a a.conf
a=$started
within 15 behind a || fail "kalc is back, and takes over"
within 5 holds a || fail "kalc has the address again"
expect "the client reaches it at kalc" reaches
same "by the same MAC again" "$mac" "$(seen)"
at a ip link set eth0 down
within 15 behind b || fail "without its link another takes over"
at a ip link set eth0 up
within 15 behind a || fail "with its link it comes back"
within 5 holds a || fail "with the address"

# A master hears another one, though both speak with the same MAC.
split() { for port in a b; do at switch bridge link set dev "p-$port" isolated "$1"; done; }
split on
within 15 holds b || fail "cut off, keepalived is master as well"
split off
within 5 eval '! holds b' || fail "it gives way again"
within 5 behind a || fail "and the switch has the MAC behind the right one"
expect "kalc was master all the time" holds a

# The other one waits, and its macvlan says nothing.
kill "$b"
wait "$b" 2>/dev/null
kalc_on b b.conf
b=$started
sleep 6
expect "a backup of kalc does not take the MAC" behind a
expect "a backup of kalc hears the master" bash -c "! grep -q 'to MASTER' b.log"
split on
within 15 holds b || fail "cut off, kalc is master as well"
split off
within 5 eval '! holds b' || fail "kalc gives way to kalc"
within 5 behind a || fail "the switch has the MAC behind the right one again"
# The end leaves nothing.
kill "$a"
wait "$a" 2>/dev/null
within 15 holds b || fail "kalc takes over from kalc"
expect "the macvlan is gone" bash -c "! ip netns exec $(space a) ip link show dev vrrp.51 2>/dev/null"
same "settings of the interface below are as before" "$before" "$(settings)"

# A reload takes it away, and brings it under another name; adverts may leave below it.
config 150 'vmac_xmit_base' | sed 's/use_vmac/use_vmac virtual0/' >a.conf
kalc_on a a.conf
a=$started
within 15 bash -c "ip netns exec $(space a) ip -o addr show dev virtual0 | grep -q 10.99.0.100" || fail "it has the name it is given"
sed -i '/vmac/d' a.conf
kill -HUP "$a"
within 15 bash -c "ip netns exec $(space a) ip -o addr show dev eth0 | grep -q 10.99.0.100" || fail "without it the address is on eth0"
expect "the macvlan is gone by a reload" bash -c "! ip netns exec $(space a) ip link show dev virtual0 2>/dev/null"
config 150 >a.conf
kill -HUP "$a"
within 15 holds a || fail "a reload brings it back"
