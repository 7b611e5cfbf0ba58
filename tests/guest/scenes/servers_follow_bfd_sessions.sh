# `BFD_CHECK`: a real server is there as long as the session with it is up; the same under kalc as under keepalived.
hosts director rs1 rs2
for n in director:1 rs1:11 rs2:12; do at "${n%:*}" ip addr add "10.99.0.${n#*:}/24" dev eth0; done
sessions() {
    local n
    for n in 1 2; do
        cat <<CONFIG
bfd_instance RS$n {
    neighbor_ip 10.99.0.1$n
    min_rx 100
    min_tx 100
    multiplier 4
}
CONFIG
    done
}
{
    sessions
    cat <<CONFIG
virtual_server 10.99.0.100 80 {
    lb_algo rr
    lb_kind NAT
    protocol TCP
    real_server 10.99.0.11 80 {
        weight 3
        BFD_CHECK {
            name RS1
        }
    }
    real_server 10.99.0.12 80 {
        weight 5
        BFD_CHECK {
            name RS2
            alpha
        }
    }
}
CONFIG
} >director.conf
printf 'bfd_instance D {\n neighbor_ip 10.99.0.1\n min_rx 100\n min_tx 100\n multiplier 4\n}\n' >rs.conf
play() { # kalc_on|keepalived_on kalc_on|keepalived_on : what the table was at each step
    local director rs1 rs2
    "$1" director director.conf
    director=$started
    sleep 3
    echo "alone: $(table director)"
    "$2" rs1 rs.conf
    rs1=$started
    "$2" rs2 rs.conf
    rs2=$started
    within 15 has_servers director 2
    echo "both up: $(table director)"
    kill "$rs1"
    wait "$rs1" 2>/dev/null
    within 10 has_servers director 1
    echo "one gone: $(table director)"
    "$2" rs1 rs.conf
    rs1=$started
    within 15 has_servers director 2
    echo "back: $(table director)"
    kill "$rs1" "$rs2"
    wait "$rs1" "$rs2" 2>/dev/null
    within 10 has_servers director 0
    echo "both gone: $(table director)"
    kill "$director"
    wait "$director" 2>/dev/null
}
theirs=$(play keepalived_on keepalived_on)
echo "$theirs"
same "under kalc" "$theirs" "$(play kalc_on keepalived_on)"
same "with kalc at the real servers" "$theirs" "$(play keepalived_on kalc_on)"
