#!/usr/bin/env bash
# Installs the .deb in a Debian of its own, uses it there, purges it, and compares the files of before and after.
#
#   packaging/try-deb.sh [DEB] [SUITE]   build/lectern_*_all.deb in bookworm, if nothing else is named; as root, on Debian
#
# packaging/another-debian.sh says what it needs; a few minutes. Exit code 1: something did not work.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. packaging/another-debian.sh

files() { # every file that is not a log, a cache, or dpkg's and apt's own; then every package
  (cd "$ROOT" && find . -xdev \( -path ./home -o -path ./proc -o -path ./tmp -o -path ./var/log -o -path ./var/cache \
    -o -path ./var/lib/apt -o -path ./var/lib/dpkg -o -path ./run \) -prune -o -print | sort)
  # shellcheck disable=SC2016 # dpkg's own words
  inside dpkg-query -W -f '${Package} ${db:Status-Abbrev}\n'
}

try_without_network() {
  say "== installed without PyPI: the package is there and says what is missing"
  PIP_INDEX_URL=http://127.0.0.1:9/simple PIP_RETRIES=0 apt install --no-install-recommends /tmp/lectern.deb
  [[ $(inside dpkg-query -s lectern) == *"Status: install ok installed"* ]] || fail "It is not installed."
  ! as_user 'lectern --version 2>said' || fail "It runs without what it needs."
  as_user 'cat said; grep -q "sudo lectern-setup" said' || fail "It does not say what to do."
  ! as_user 'lectern-setup' 2>/dev/null || fail "Somebody who is not root wrote to /opt."
}

try_setup() {
  local began=$SECONDS
  say "== lectern-setup"
  inside lectern-setup
  say "$((SECONDS - began)) s, $(du -sh "$ROOT/opt/lectern" | cut -f 1) in /opt/lectern"
  began=$SECONDS
  inside lectern-setup
  ((SECONDS - began < 5)) || fail "A second time it did something."
}

try_another_python() {
  say "== the system's Python is another: the package makes its environment anew"
  local before
  before=$(stat -c %i "$ROOT/opt/lectern/venv/pyvenv.cfg")
  find "$ROOT/opt/lectern/venv/bin" -name "python*" -type l -exec ln -sf /usr/bin/no-python {} \;
  ! as_user 'lectern --version' 2>/dev/null || fail "It runs on a Python that is gone."
  inside dpkg-trigger --by-package=python3-minimal --no-await /usr/bin/python3
  inside dpkg --configure --pending >>"$LOG" 2>&1
  [[ $(stat -c %i "$ROOT/opt/lectern/venv/pyvenv.cfg") != "$before" ]] || fail "It was left as it was."
  as_user 'lectern --version'
}

try_all() { # deb
  cp "$1" "$ROOT/tmp/lectern.deb"
  apt install --no-install-recommends python3-venv # what most computers have; purging takes nothing of it
  files >"$ROOT/../before"
  try_without_network
  try_setup
  try_saying lectern
  try_window lectern
  try_another_python
  say "== purged"
  apt purge --autoremove lectern
  files >"$ROOT/../after"
  diff "$ROOT/../before" "$ROOT/../after" >&2 || fail "These files are not as before."
  say "$(wc -l <"$ROOT/../before") files and packages are the same as before."
}

if (($# == 0)); then set -- build/lectern_*_all.deb; fi
run_or_enter "$@"
