#!/usr/bin/env bash
# Packs, installs the package away from the clone as npm i -g would, and asks the samples from another folder.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
away=$(mktemp -d)
trap 'rm -rf "$away"' EXIT
cd "$root"
tarball=$(npm pack --silent --ignore-scripts --pack-destination "$away" | tail -n 1)
cd "$away"
npm install --silent --no-audit --no-fund --omit=dev --prefix "$away/global" -g "$away/$tarball"
bin="$away/global/bin/k8saudit"
samples="$away/global/lib/node_modules/k8saudit/samples"
"$bin" load "$samples" --case case.duckdb 2>/dev/null
answer=$("$bin" who-deleted deploy/nginx -n prod --case case.duckdb -o json)
case "$answer" in
  *'"removed"'*) echo "The package installs and answers from another folder." ;;
  *) echo "The installed package does not answer: $answer" >&2; exit 1 ;;
esac
