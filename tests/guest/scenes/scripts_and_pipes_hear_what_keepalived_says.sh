# The same servers fail and return under both daemons: the same lines in the pipe, in the same order, and the same commands.
alone keepalived kalc
mkdir up
touch up/1 up/2
for daemon in keepalived kalc; do
    mkfifo "$daemon.fifo"
    cat "$daemon.fifo" >"$daemon.lines" &
    daemons+=($!)
    exec {hold}<>"$daemon.fifo"
    cat >"call-$daemon" <<SCRIPT
#!/bin/bash
echo "\$*" >>$PWD/$daemon.calls
SCRIPT
    chmod 755 "call-$daemon"
    : >"$daemon.calls"
    {
        printf 'global_defs {\n script_user root\n lvs_notify_fifo %s\n}\n' "$PWD/$daemon.fifo"
        for service in '100 ' '101 alpha,omega' '102 alpha,omega,sorry' '103 quorum_2,hysteresis_1,sorry' '104 inhibit_on_failure,sorry'; do
            set -- $service
            printf 'virtual_server 192.0.2.%s 80 {\n delay_loop 2\n warmup 0\n lb_algo rr\n lb_kind NAT\n protocol TCP\n' "$1"
            printf ' quorum_up "%s %s gained"\n quorum_down "%s %s lost"\n' "$PWD/call-$daemon" "$1" "$PWD/call-$daemon" "$1"
            for option in $(echo "${2:-}" | tr ',' ' '); do
                [ "$option" = sorry ] && option='sorry_server 198.51.100.99 80'
                echo " $option" | sed 's/_\([0-9]\)/ \1/'
            done
            for server in 1 2 3; do
                [ $server = 3 ] && [ "$1" != 103 ] && continue
                printf ' real_server 198.51.100.1%s 80 {\n  notify_up "%s %s up %s"\n  notify_down "%s %s down %s"\n' $server "$PWD/call-$daemon" "$1" $server "$PWD/call-$daemon" "$1" $server
                printf '  MISC_CHECK {\n   misc_path "%s"\n   misc_timeout 10\n  }\n }\n' "/usr/bin/test -e $PWD/up/$server"
            done
            echo '}'
        done
    } >"$daemon.conf"
    "${daemon}_on" $daemon "$PWD/$daemon.conf"
    eval "pid_$daemon=$started"
done
# Of each service by itself: services are checked side by side, and who is first is chance.
lines() { for vip in 100 101 102 103 104; do grep "192.0.2.$vip" "$1.lines"; done; }
calls() { sort "$1.calls"; }
agree() { [ "$(lines keepalived)" = "$(lines kalc)" ] && [ "$(calls keepalived)" = "$(calls kalc)" ] && [ -s kalc.lines ]; }
step() { # TEXT
    sleep 5
    within 20 agree
    same "$1: lines" "$(lines keepalived)" "$(lines kalc)"
    same "$1: calls" "$(calls keepalived)" "$(calls kalc)"
    same "$1: table" "$(table keepalived)" "$(table kalc)"
}
step "the start, with a third server that is down"
touch up/3; step "3 comes"
rm up/1; step "1 fails"
rm up/2; step "2 fails"
rm up/3; step "3 fails"
touch up/1; step "1 returns"
touch up/2; step "2 returns"
kill "$pid_keepalived" "$pid_kalc"
wait "$pid_keepalived"
wait "$pid_kalc"
sleep 3
same "the end: lines" "$(lines keepalived)" "$(lines kalc)"
same "the end: table" "$(table keepalived)" "$(table kalc)"
# keepalived may end before its last commands have run; here each line has its command.
same "one command for each line" "$(wc -l <kalc.lines)" "$(wc -l <kalc.calls)"
echo "$(wc -l <kalc.lines) lines"
