# What needs more of a kernel than hosts of tests have: ipvlans, macvlans on an interface of a VRF, and routes into VRFs, with
# MPLS labels and with ILA locators.
hosts a b
at a ip addr add 10.99.0.1/24 dev eth0
at a ip addr add fd99::1/64 dev eth0
at b ip addr add 10.99.0.2/24 dev eth0
at a ip link add vrf1 type vrf table 99
at a ip link set vrf1 up
at a ip link add eth1 type veth peer name far1
at a ip link set eth1 master vrf1 up
at a ip link set far1 up
at a ip addr add 10.88.0.1/24 dev eth1
config() { # INTERFACE LINES VIP ROUTES
    cat <<CONFIG
vrrp_instance VI_1 {
    state MASTER
    interface $1
    virtual_router_id 51
    priority 200
    version 3
    advert_int 0.5
    $2
    virtual_ipaddress {
        $3
    }
    virtual_routes {
        $4
    }
}
CONFIG
}
holds() { at a ip -o addr show | grep -q "inet $1 "; }
# Numbers differ from one interface to the next.
look() {
    at a ip -d -o link show | grep -e ipvlan -e 'macvlan' | sed 's/^[0-9]*: //; s/@if[0-9]*/@eth/; s/\\ */ /g; s/gso.*//; s/addrgenmode [a-z0-9]*//'
    at a ip -o -4 addr show | sed 's/^[0-9]*: //; s/\\ */ /g'
    at a ip route show table all | grep -v -e '^local' -e '^broadcast'
    at a ip -6 route show table all proto 18
    at a ip link show dev vrrp.51 >/dev/null 2>&1 || return 0
    for setting in ipv6/conf/vrrp.51/disable_ipv6 ipv4/conf/vrrp.51/arp_ignore; do
        echo "$setting $(at a cat "/proc/sys/net/$setting")"
    done
}
# The source of an advert.
source_of() { at b timeout 10 tcpdump -n -c 1 -i eth0 proto 112 2>/dev/null | sed 's/.* IP \([0-9.]*\) >.*/\1/'; }
compare() { # TEXT CONFIG VIP
    echo "$2" >a.conf
    keepalived_on a a.conf
    within 20 holds "$3" || fail "keepalived: $1"
    sleep 1
    local theirs source
    theirs=$(look)
    source=$(source_of)
    kill "$started"
    wait "$started" 2>/dev/null
    kalc_on a a.conf
    within 20 holds "$3" || fail "kalc: $1"
    sleep 1
    same "$1" "$theirs" "$(look)"
    [ -z "$source" ] || same "adverts of it come from there" "$source" "$(source_of)"
    kill "$started"
    wait "$started" 2>/dev/null
    expect "nothing is left of it" bash -c "! ip netns exec $(space a) ip link show dev vrrp.51 2>/dev/null"
}
compare "an ipvlan" "$(config eth0 'use_ipvlan 10.99.0.50/24' 10.99.0.100/24 '')" 10.99.0.100/24
compare "a private ipvlan" "$(config eth0 'use_ipvlan vrrp.51 10.99.0.51 private' 10.99.0.100/24 '')" 10.99.0.100/24
compare "a macvlan in a VRF" "$(config eth1 use_vmac 10.88.0.100/24 '')" 10.88.0.100/24
compare "routes" "$(config eth0 '' 10.99.0.100/24 '
        198.51.100.0/24 via 10.88.0.2 dev eth1 vrf vrf1
        198.51.101.0/24 encap mpls 100/200 via 10.99.0.2 dev eth0 ttl-propagate disabled
        2001:db8:1::/64 encap mpls 55 via fd99::2 dev eth0
        2001:db8:2:0:2000::1/128 encap ila 1:2:3:4a via fd99::2 dev eth0
        2001:db8:3::/48 via fd99::2 dev eth0 from 2001:db8:77::/48
')" 10.99.0.100/24
expect "all of these routes were there" bash -c "[ \"\$(grep -c 'cannot be added' a.log)\" = 0 ]"
