# What scenes share. A scene's hosts are network namespaces on one switch; whatever it expects and does not find counts
# as a failure, and the scene goes on.

failures=0
daemons=()

say() { echo "== $*"; }
fail() { echo "FAILED: $*"; failures=$((failures + 1)); }
expect() { # TEXT COMMAND...
    if "${@:2}"; then echo "ok: $1"; else fail "$1"; fi
}
same() { # TEXT A B
    if [ "$2" = "$3" ]; then echo "ok: $1"; else
        fail "$1"
        diff <(echo "$2") <(echo "$3") || true
    fi
}
within() { # SECONDS COMMAND... : as soon as it succeeds
    local end=$((SECONDS + $1))
    until "${@:2}" >/dev/null 2>&1; do
        [ $SECONDS -lt $end ] || return 1
        sleep 0.1
    done
}
finish() {
    local pid
    for pid in "${daemons[@]:-}"; do [ -z "$pid" ] || kill "$pid" 2>/dev/null; done
    if [ $failures != 0 ]; then
        local file
        for file in *.log; do [ -e "$file" ] && { echo "-- $file"; tail -n 60 "$file"; }; done
    fi
    exit $((failures > 0))
}

# Hosts.
space() { echo "$SCENE-$1"; }
at() { ip netns exec "$(space "$1")" "${@:2}"; } # HOST COMMAND...
hosts() { # NAME... : eth0 of each is on the switch
    local host
    ip netns add "$(space switch)"
    at switch ip link add br0 type bridge
    at switch ip link set br0 up
    for host; do
        ip netns add "$(space "$host")"
        at switch ip link add "p-$host" type veth peer name eth0 netns "$(space "$host")"
        at switch ip link set "p-$host" master br0 up
        at "$host" ip link set lo up
        # All are on one wire: a redirect would lead answers past the director.
        for setting in ipv{4,6}.conf.{all,eth0}.accept_redirects ipv4.conf.{all,eth0}.send_redirects \
            ipv6.conf.{all,eth0}.accept_dad; do
            at "$host" sysctl -qw "net.$setting=0"
        done
        at "$host" ip link set eth0 up
    done
}
alone() { # NAME... : hosts without a network but a dummy
    local host
    for host; do
        ip netns add "$(space "$host")"
        at "$host" ip link set lo up
        at "$host" ip link add eth0 type dummy
        at "$host" ip link set eth0 multicast on up
        at "$host" ip addr add 192.0.2.1/24 dev eth0
    done
}

# Daemons. Their process id is in $started: no function of the shell is between it and them.
kalc_on() { # HOST CONFIG
    ip netns exec "$(space "$1")" kalc run -f "$2" --run-dir "/run/$SCENE-$1" >>"$1.log" 2>&1 &
    started=$!
    daemons+=($!)
}
keepalived_on() { # HOST CONFIG
    local name=/run/$SCENE-$1
    ip netns exec "$(space "$1")" keepalived -G -n -l -D -f "$2" -p "$name.p" -r "$name.r" -c "$name.c" -b "$name.b" >>"$1.log" 2>&1 &
    started=$!
    daemons+=($!)
}
table() { at "$1" ipvsadm -Ln | tail -n +4 | awk '$1 == "->" { print "  " $2, $3, $4; next } { $1 = $1; print }'; }
rules() { at "$1" ipvsadm -Sn; }
has_rows() { [ "$(table "$1" | grep -c -e "$2")" = "$3" ]; } # HOST PATTERN COUNT
has_servers() { has_rows "$1" '^  ' "$2"; } # HOST COUNT
is_empty() { [ -z "$(table "$1")" ]; }

# Web servers and clients.
serve() { # HOST [PORT] : answers with the host's name, IPv4 and IPv6; its process id is in $served
    mkdir -p "www-$1"
    cat >"www-$1/conf" <<CONF
user root root;
daemon off;
master_process off;
pid $PWD/www-$1/pid;
error_log $PWD/www-$1.log;
events { }
http {
    access_log off;
    client_body_temp_path $PWD/www-$1;
    proxy_temp_path $PWD/www-$1;
    fastcgi_temp_path $PWD/www-$1;
    uwsgi_temp_path $PWD/www-$1;
    scgi_temp_path $PWD/www-$1;
    keepalive_timeout 600;
    server { listen ${2:-80}; listen [::]:${2:-80}; return 200 "$1\n"; }
}
CONF
    ip netns exec "$(space "$1")" nginx -e "$PWD/www-$1.log" -c "$PWD/www-$1/conf" &
    served=$!
    daemons+=($!)
}
answers() { # HOST URL COUNT : `rs1=5 rs2=5`
    local count to=${2#http://}
    to=${to%/}
    local port=80
    # What follows the last colon is a port, unless that is inside of an IPv6 address.
    case $to in *]:* | [0-9]*.*:*) port=${to##*:} to=${to%:*} ;; esac
    to=${to#[} to=${to%]}
    for ((count = 0; count < $3; count++)); do
        at "$1" timeout 10 bash -c '
            exec 3<>"/dev/tcp/$0/$1" && printf "GET / HTTP/1.0\r\n\r\n" >&3 && tail -n 1 <&3
        ' "$to" "$port" 2>/dev/null || echo none
    done | sort | uniq -c | awk '{ printf "%s%s=%s", sep, $2, $1; sep = " " }'
}
