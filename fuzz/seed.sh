#!/bin/bash
# Fills fuzz/corpus/TARGET with the examples and the probes of this repository, and with some that include a second file.
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
