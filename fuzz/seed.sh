#!/bin/bash
# Fills fuzz/corpus/TARGET with the examples and the probes of this repository, with some that include a second file, and
# with the recorded frames.
set -euo pipefail
cd "$(dirname "$0")"
for target in lex structure expand check; do
    mkdir -p "corpus/$target"
    for file in $(find ../examples ../tests/probes -name '*.conf' 2>/dev/null | sort); do
        name=$(echo "${file#../}" | tr / -)
        cp "$file" "corpus/$target/$name"
    done
done
# Byte 0x1c parts an input into the main file, a.conf and d/b.conf.
for target in expand check; do
    printf 'vrrp_instance a {\n include a.conf\n}\n\034interface $IF\ninclude d/*.conf\n\034@lb1 priority 100\n' >"corpus/$target/include"
    printf 'include a.conf\n~SEQ(x, 1, 3) $L ${x}\n\034$L=include d/b.conf\n$M=a \\\n b ${_RANDOM 1 9} \\\n c\n\034$M\n' >"corpus/$target/define"
    printf 'includea ?.conf\n\034include keepalived.conf\ninclude d/b.conf\n\034include ../a.conf\n' >"corpus/$target/cycle"
    printf '~LST({a,b}, {1,2}, {3,4}) virtual_server 192.0.2.$a ${b} {\n}\n~SEQx(i, 0x1, 2, 0xf) $i ${_ENV X} ${_HASH}\n' >"corpus/$target/sequence"
done

# Writes hexadecimal digits as bytes.
bytes() {
    local digits=$1 at escaped=
    for ((at = 0; at < ${#digits}; at += 2)); do
        escaped+="\\x${digits:at:2}"
    done
    printf '%b' "$escaped"
}

# Recorded frames, each once more without what a raw socket does not give; the first byte says who receives.
mkdir -p corpus/receive corpus/ipv4 corpus/arp corpus/ndisc
number=0
while read -r kind _ _ third _ fifth; do
    number=$((number + 1))
    case $kind in
        advert)
            frame=$fifth
            if [ "${frame:24:4}" = 86dd ]; then
                # Hop limit and payload.
                bytes "82${frame:42:2}${frame:108}" >"corpus/receive/$number"
                bytes "${frame:108}" >"corpus/ipv4/$number"
                continue
            fi
            for mode in 80 81 84 88 90 91 98; do
                bytes "$mode${frame:28}" >"corpus/receive/$number-$mode"
            done
            bytes "${frame:28}" >"corpus/ipv4/$number"
            ;;
        garp) bytes "$third" >"corpus/arp/$number" ;;
        na) bytes "$third" >"corpus/ndisc/$number" ;;
    esac
done < <(grep -E '^(advert|garp|na) ' ../runtime/core/tests/vectors/frames.txt)

# A session that comes up: Down, Init with a poll, Up.
mkdir -p corpus/bfd
printf '\377\040\100\003\030\0\0\0\007\0\0\0\0\0\017\102\100\0\001\206\240\0\0\0\0\006\040\240\003\030\0\0\0\007\0\0\0\0\0\017\102\100\0\001\206\240\0\0\0\0\006\040\300\003\030\0\0\0\007\0\0\0\0\0\001\206\240\0\001\206\240\0\0\0\0' >corpus/bfd/up

# What a kernel 6.1 (x86-64) says of a service, and of one of its destinations.
mkdir -p corpus/ipvs
printf '%b' "$(printf '\\x%s' 70 00 01 00 06 00 01 00 02 00 00 00 06 00 02 00 06 00 00 00 14 00 03 00 c0 00 02 01 00 00 00 00 00 00 00 00 00 00 00 00 06 00 04 00 00 50 00 00 08 00 06 00 77 72 72 00 0c 00 07 00 03 00 00 00 ff ff ff ff 08 00 08 00 32 00 00 00 08 00 09 00 ff ff ff 00 1c 00 0c 00 0c 00 01 00 05 00 00 00 00 00 00 00 0c 00 02 00 09 00 00 00 00 00 00 00)" >corpus/ipvs/service

mkdir -p corpus/answer corpus/replies
printf '\377HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello' >corpus/answer/length
printf '\003HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nT: x\r\n\r\n' >corpus/answer/chunked
printf '\000HTTP/1.0 404 Not Found\r\n\r\nhello' >corpus/answer/close
printf '220-mail.example\r\n220 ready\r\n' >corpus/replies/smtp
printf '\022\064\201\203\000\001\000\000\000\000\000\000\000\000\006\000\001' >corpus/replies/dns
printf 'GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n' >corpus/replies/request
