#!/bin/bash
# Makes kalc.vsix, for any machine that has kalc. Needs Node 20 and npm.
#
#   build.sh --with PROGRAM PLATFORM    makes kalc-PLATFORM.vsix, which brings its own kalc; PLATFORM as in linux-x64
set -euo pipefail
cd "$(dirname "$0")"
package=kalc.vsix
target=()
rm -rf bin dist
mkdir -p out
if [ "${1:-}" = --with ]; then
    package=kalc-${3:?build.sh --with PROGRAM PLATFORM}.vsix
    target=(--target "$3")
    mkdir bin
    install -m 755 "$2" "bin/kalc$([[ $3 = win32* ]] && echo .exe || true)"
fi
[ node_modules/.package-lock.json -nt package-lock.json ] || npm ci --no-audit --no-fund --loglevel=error
cat ../LICENSE-MIT ../LICENSE-APACHE >LICENSE.txt
npm run --silent check
npm run --silent build -- --log-level=warning --metafile=out/meta.json
node third-party.mjs out/meta.json THIRD-PARTY.txt
home=https://github.com/kalc-dev/kalc
npx --no-install vsce package --no-dependencies --out "$package" "${target[@]}" \
    --baseContentUrl "$home/blob/main/vscode-extension" --baseImagesUrl "$home/raw/main/vscode-extension" \
    >out/vsce.log 2>&1 || { cat out/vsce.log >&2; exit 1; }
rm -rf bin
node -e '
const { statSync } = require("node:fs");
console.log(`${process.argv[1]}: ${Math.round(statSync(process.argv[1]).size / 1024)} kB`);' "$package"
