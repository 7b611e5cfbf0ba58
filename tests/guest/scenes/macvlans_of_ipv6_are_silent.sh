# `use_vmac` over IPv6, with an IPv4 router of the same number beside it: a backup never speaks with the virtual MAC, not even
# to leave the groups of the addresses that it held, so that switches look for it at the master.
hosts a b client
for n in a:1 b:2 client:9; do
    at "${n%:*}" ip addr add "10.99.0.${n#*:}/24" dev eth0
    at "${n%:*}" ip addr add "fd99::${n#*:}/64" dev eth0
done
config() { # PRIORITY
    cat <<CONFIG
vrrp_instance VI_4 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority $1
    version 3
    advert_int 1
    use_vmac
    virtual_ipaddress {
        10.99.0.100/24
    }
}
vrrp_instance VI_6 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority $1
    version 3
    advert_int 1
    use_vmac
    virtual_ipaddress {
        fe80::100/64
        fd99::100/64
    }
}
CONFIG
}
mac4=00:00:5e:00:01:33 mac6=00:00:5e:00:02:33
holds() {
    at "$1" ip -o addr show dev vrrp6.51 2>/dev/null | grep -q 'fd99::100/64' &&
        at "$1" ip -o addr show dev vrrp.51 2>/dev/null | grep -q '10\.99\.0\.100/24'
}
# keepalived puts a link-local address of the interface below on the macvlan, too.
link() {
    at a ip -d -o link show dev vrrp6.51 | sed 's/^[0-9]*: //; s/@if[0-9]*/@eth0/; s/\\ */ /g; s/gso.*//; s/addrgenmode [a-z0-9]*//'
    at a ip -o addr show dev vrrp6.51 | grep '::100/' | sed 's/^[0-9]*: //; s/\\ */ /g' | sort
    at a cat /proc/sys/net/ipv6/conf/vrrp6.51/{addr_gen_mode,disable_ipv6}
}
config 150 >a.conf
config 100 >b.conf
keepalived_on a a.conf
within 15 holds a || fail "keepalived holds the addresses"
theirs=$(link)
kill "$started"
wait "$started" 2>/dev/null
kalc_on a a.conf
a=$started
within 15 holds a || fail "kalc holds the addresses"
same "the interface and its addresses" "$theirs" "$(link)"
expect "no fault on the way" bash -c "! grep -q 'to FAULT' a.log"

behind() { at switch bridge fdb show br br0 | grep -q "^$mac6 dev p-$1 " && at switch bridge fdb show br br0 | grep -q "^$mac4 dev p-$1 "; }
stays_behind() { # HOST : longer than late reports take
    local n
    for n in 1 2 3 4 5 6 7 8 9 10 11 12; do
        behind "$1" || return 1
        sleep 0.25
    done
}
reaches() { at client ping -6 -c 2 -W 3 fd99::100; }
groups() { at "$1" ip -6 maddr show dev eth0 | grep -c 'ff02::1:ff00:100'; }
kalc_on b b.conf
b=$started
sleep 5
expect "the other one waits" bash -c "! grep -q 'to MASTER' b.log"
expect "the switch has both MACs behind the master" stays_behind a
expect "the client reaches it" reaches
same "the interface below is in the group of the addresses" 1 "$(groups a)"
same "that of a backup is not" 0 "$(groups b)"
kill "$b"
wait "$b" 2>/dev/null
keepalived_on b b.conf
b=$started
sleep 3
# The master gives way: what it leaves it leaves in silence.
sed -i 's/priority 150/priority 50/' a.conf
kill -HUP "$a"
within 15 holds b || fail "keepalived takes over"
within 5 behind b || fail "the switch has both MACs behind the new master"
expect "and does not lose them to the old one" stays_behind b
expect "the client reaches it there" reaches
same "the old one has left the group" 0 "$(groups a)"
sed -i 's/priority 50/priority 150/' a.conf
kill -HUP "$a"
within 15 behind a || fail "kalc takes over again"
within 5 holds a || fail "with the addresses"
expect "the client reaches it at kalc again" reaches
split() { for port in a b; do at switch bridge link set dev "p-$port" isolated "$1"; done; }
split on
within 15 holds b || fail "cut off, keepalived is master as well"
split off
within 5 eval '! holds b' || fail "it gives way again"
within 5 behind a || fail "and the switch has both MACs behind the right one"
expect "kalc was master all the time" holds a
kill "$a"
wait "$a" 2>/dev/null
expect "the macvlans are gone" bash -c "! ip netns exec $(space a) ip -o link show type macvlan | grep -q ."
same "so is the table" "" "$(at a nft list tables)"
