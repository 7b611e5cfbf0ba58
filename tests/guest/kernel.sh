#!/bin/bash
# Fetches Debian's cloud kernel and unpacks it for the guest of these tests; nothing is installed.
#   kernel.sh FOLDER
set -euo pipefail
[ $# = 1 ] || { echo "usage: kernel.sh FOLDER" >&2; exit 2; }
[ ! -e "$1/boot" ] || exit 0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
# The plain name stands for the kernel of the day.
package=$(apt-cache depends linux-image-cloud-amd64 | awk '/Depends: linux-image-/ { print $2; exit }')
cd "$work"
# Lists may be older than the package.
apt-get download -qq "$package" 2>/dev/null || { apt-get update -qq && apt-get download -qq "$package"; }
cd - >/dev/null
mkdir -p "$1"
dpkg-deb -x "$work"/*.deb "$1"
