# One configuration under both daemons at the same time: `ipvsadm` shows the same, to the last option.
names=$(for config in /guest/tables/*.conf; do basename "$config" .conf; done)
for name in $names; do
    alone "$name-keepalived" "$name-kalc"
    for daemon in keepalived kalc; do "${daemon}_on" "$name-$daemon" "/guest/tables/$name.conf"; done
done
is_same() { # NAME
    [ -n "$(rules "$1-kalc")" ] && [ "$(rules "$1-keepalived")" = "$(rules "$1-kalc")" ] &&
        [ "$(table "$1-keepalived")" = "$(table "$1-kalc")" ]
}
sleep 6
for name in $names; do
    within 30 is_same "$name"
    same "$name: the rules" "$(rules "$name-keepalived")" "$(rules "$name-kalc")"
    same "$name: the table" "$(table "$name-keepalived")" "$(table "$name-kalc")"
    echo "$name: $(rules "$name-kalc" | wc -l) rules"
done
