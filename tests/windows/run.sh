#!/usr/bin/env bash
# Runs what is in this folder on a Windows of Wine's, which is set up once and kept in the cache; says loudly where it
# cannot. LECTERN_WINE names another folder than the cache's.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(realpath "$here/../..")
work=${LECTERN_WINE:-${XDG_CACHE_HOME:-$HOME/.cache}/lectern-windows}
skip() {
  printf '\n*** SKIPPED: the tests on Windows. %s\n\n' "$1" >&2
  exit 0
}

if [ ! -e "$work/ready" ]; then
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then skip 'Wine is not set up, which takes root on Debian 12.'; fi
  "$here/setup.sh" "$work" || skip "Wine could not be set up in $work."
fi
if ! command -v wine >/dev/null || ! command -v Xvfb >/dev/null; then skip 'Wine and Xvfb are gone.'; fi

export WINEPREFIX=$work/prefix WINEDEBUG=-all WINEDLLOVERRIDES='mscoree,mshtml,winedbg.exe=d' LANG=C.UTF-8 PYTHONPATH="Z:${root//\//\\}" PYTHONDONTWRITEBYTECODE=1
home=$(mktemp -d)
trap 'kill "$screen" 2>/dev/null; wineserver -k || true; rm -rf "$home"' EXIT
exec 3<> <(:)
Xvfb -displayfd 3 -screen 0 800x600x24 3>"$home/display" 2>/dev/null &
screen=$!
until [ -s "$home/display" ]; do sleep 0.1; done
DISPLAY=:$(cat "$home/display")
export DISPLAY WIN_PD_OVERRIDE_LOCAL_APPDATA="Z:${home//\//\\}"

failed=0 passed=0
for script in "$here"/check_*.py; do
  name=$(basename "$script" .py)
  # Wine 8 takes no file as a standard stream.
  if timeout 170 wine 'C:\py\python.exe' "Z:${script//\//\\}" </dev/null 2>&1 | cat >"$home/said" && grep -qx "$name: well" <(tr -d '\r' <"$home/said"); then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    sed "s/^/$name: /" "$home/said"
  fi
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
