#!/bin/bash
# Makes kalc.vsix. Needs Node 20 and npm.
set -euo pipefail
cd "$(dirname "$0")"
npm ci --no-audit --no-fund --loglevel=error
cat ../LICENSE-MIT ../LICENSE-APACHE > LICENSE.txt
npm run --silent package
node -e '
const { statSync } = require("node:fs");
console.log(`kalc.vsix: ${Math.round(statSync("kalc.vsix").size / 1024)} kB`);'
