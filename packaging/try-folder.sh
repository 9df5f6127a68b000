#!/usr/bin/env bash
# Unpacks the folder in a Debian of its own that has no Python, moves it, and uses it there as an ordinary user.
#
#   packaging/try-folder.sh [ARCHIVE] [SUITE]   build/lectern-*.tar.xz in bookworm, if nothing else is named; as root
#
# packaging/another-debian.sh says what it needs; a few minutes. Exit code 1: something did not work.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. packaging/another-debian.sh

# What every desktop has, and this one not yet: sound, fonts, OpenGL.
readonly DESKTOP=(libglib2.0-0 libgssapi-krb5-2 libasound2 libegl1 libgl1 libfontconfig1 libdbus-1-3 libxkbcommon0 fonts-dejavu-core libxcb-randr0
  libxcb-shape0 libxcb-xfixes0 libxcb-sync1 libxcb-{glx0,render0,shm0} libwayland-{client0,cursor0,egl1} libx11-xcb1 xz-utils)

try_all() { # archive
  local home=$ROOT/home/$USER_NAME folder='"some where"/lectern'
  apt install --no-install-recommends "${DESKTOP[@]}"
  ! inside python3 --version 2>/dev/null || fail "There is a Python: this would prove nothing."
  cp "$1" "$ROOT/tmp/lectern.tar.xz"
  as_user 'mkdir unpacked "some where" && tar -xf /tmp/lectern.tar.xz -C unpacked && mv unpacked/lectern-* "some where/lectern"'
  say "$(du -h "$1" | cut -f 1) packed, $(du -sh "$home/some where/lectern" | cut -f 1) unpacked"
  try_saying "$folder/lectern"
  try_saying "$folder/lectern" # again: Python has compiled what it needs
  try_window "$folder/lectern"
  say "== read by somebody who may not write to it"
  inside useradd --create-home --shell /bin/sh another
  chmod a+rX "$home" && inside runuser -l another -c "'/home/$USER_NAME/some where/lectern/lectern' --version"
  say "== PortAudio is the folder's own; the menu's entry names the folder; pip is there for PyTorch"
  as_user "$folder/python/bin/python3 -c 'import sounddevice; assert \"some where\" in sounddevice._libname, sounddevice._libname'"
  as_user "$folder/lectern install-desktop >/dev/null && grep -q 'some where' .local/share/applications/*.desktop"
  as_user "$folder/lectern install-pytorch --dry-run" | grep -q 'pip' || fail "PyTorch could not be added."
}

if (($# == 0)); then set -- build/lectern-*-linux-*.tar.xz; fi
run_or_enter "$@"
