# `smtp_alert` of virtual and real servers: a server of mails hears the same from kalc as from keepalived.
hosts director rs1 rs2
for n in director:1 rs1:11 rs2:12; do at "${n%:*}" ip addr add "10.99.0.${n#*:}/24" dev eth0; done
mkdir -p mails
cat >sink.sh <<SINK
#!/bin/bash
# Takes a mail; what differs from day to day and from program to program is left out.
printf '220 mail.example.org\r\n'
mail= data=
while IFS= read -r line; do
    line=\${line%\$'\r'}
    case \$line in Date:* | X-Mailer:*) ;; *) mail+="\$line"\$'\n' ;; esac
    case \$data\$line in
        +.) data= ; printf '250 taken\r\n' ;;
        +*) ;;
        DATA) data=+ ; printf '354 go on\r\n' ;;
        QUIT) printf '221 bye\r\n'; break ;;
        *) printf '250 fine\r\n' ;;
    esac
done
printf '%s' "\$mail" >"$PWD/mails/\$\$"
SINK
chmod +x sink.sh
ip netns exec "$(space director)" busybox nc -ll -p 2525 -e "$PWD/sink.sh" >/dev/null 2>&1 &
daemons+=($!)
server() { # ADDRESS LINES
    echo "    real_server $1 80 {
        $2
        TCP_CHECK {
            connect_timeout 1
            retry 0
            delay_before_retry 1
        }
    }"
}
cat >director.conf <<CONFIG
global_defs {
    router_id director
    notification_email {
        one@example.org
        two@example.org
    }
    notification_email_from lb@example.org
    smtp_server 10.99.0.1 2525
    smtp_helo_name lb.example.org
    smtp_connect_timeout 5
}
virtual_server 10.99.0.100 80 {
    delay_loop 1
    lb_algo rr
    lb_kind NAT
    protocol TCP
    quorum 2
    smtp_alert
$(server 10.99.0.11 smtp_alert)
$(server 10.99.0.12 '')
}
virtual_server fwmark 7 {
    delay_loop 1
    lb_algo rr
    lb_kind NAT
    protocol TCP
    alpha
    omega
    smtp_alert off
$(server 10.99.0.11 'smtp_alert off')
}
CONFIG
play() { # kalc_on|keepalived_on : all mails
    rm -f mails/*
    serve rs1
    local rs1=$served director
    serve rs2
    local rs2=$served
    sleep 1
    "$1" director director.conf
    director=$started
    within 20 has_servers director 3 || fail "$1: it serves"
    sleep 2
    kill "$rs1"
    wait "$rs1" 2>/dev/null
    within 20 has_servers director 1 || fail "$1: one is gone"
    sleep 2
    serve rs1
    rs1=$served
    within 20 has_servers director 3 || fail "$1: it is back"
    sleep 2
    kill "$director"
    wait "$director" 2>/dev/null
    kill "$rs1" "$rs2"
    wait "$rs1" "$rs2" 2>/dev/null
    sleep 1
    local mail
    for mail in mails/*; do [ -e "$mail" ] && tr '\n' '|' <"$mail" && echo; done | sort
}
# A sum that is right in its log only.
theirs=$(play keepalived_on | sed 's/Lost quorum 2+0=2 <= 1/Lost quorum 2-0=2 > 1/')
echo "$theirs"
expect "there are mails" test -n "$theirs"
same "mails" "$theirs" "$(play kalc_on)"
