#!/usr/bin/env bash
# Runs what is in this folder on a Windows of Wine's, which is set up once and kept in the cache (see README.md).
#
#   run.sh [NAME...]   these checks alone, such as check_pipe; "tests" for the portable tests. Else all.
#
# LECTERN_WINE names another folder than the cache's. LECTERN_PICTURES: a folder for pictures of what was on the screen.
# Where there can be no Wine it says so, loudly, and is no failure. Exit code 1: something failed, or the set-up did.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(realpath "$here/../..")
work=$(realpath -m "${LECTERN_WINE:-${XDG_CACHE_HOME:-$HOME/.cache}/lectern-windows}")
readonly CHECK_LIMIT_S=300 TESTS_LIMIT_S=900
# shellcheck source=tests/windows/environment.sh
source "$here/environment.sh"

skip() {
  printf '\n!!!!!!!!!!!!!!!!!!!! no Windows !!!!!!!!!!!!!!!!!!!!\nThe tests on Windows were skipped: %s\n\n' "$*" >&2
  exit 0
}

install_wine() {
  local packages missing=() package
  read -ra packages < <("$here/setup.sh" packages)
  command -v dpkg-query >/dev/null || skip "this is not Debian or Ubuntu. They need ${packages[*]}."
  for package in "${packages[@]}"; do
    dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
  done
  ((${#missing[@]})) || return 0
  [ "$(id -u)" = 0 ] || skip "these packages are missing: ${missing[*]}. Install them, then run this again."
  echo "Installing system packages: ${missing[*]}" >&2
  { apt-get update && apt-get install -y --no-install-recommends --no-remove "${missing[@]}"; } >"$run/apt" 2>&1 </dev/null ||
    skip "${missing[*]} could not be installed. $(tail -n 1 "$run/apt")"
}

# The one that is kept is only read: each run has its own registry, user and wineserver.
new_windows() { # prefix
  local folder
  mkdir -p "$1"/{drive_c,dosdevices}
  cp "$work"/prefix/{system.reg,user.reg,userdef.reg,.update-timestamp} "$1/"
  ln -s ../drive_c "$1/dosdevices/c:"
  ln -s / "$1/dosdevices/z:"
  for folder in "$work"/prefix/drive_c/*; do
    [[ $folder == */users ]] || ln -s "$folder" "$1/drive_c/"
  done
  mkdir "$1/drive_c/Łukasz ë 読 書"
  ln -s "$work/prefix/drive_c/py" "$1/drive_c/Łukasz ë 読 書/" # for check_paths.py
  cp -r "$work/prefix/drive_c/users" "$1/drive_c/"
  find "$1/drive_c/users" -type l -exec sh -c 'rm "$1" && mkdir "$1"' - {} \; # to the home of whoever runs this
}

start_screen() { # prefix ; sets DISPLAY
  mkfifo "$1/number"
  Xvfb -displayfd 3 -screen 0 1024x768x24 3>"$1/number" 2>/dev/null 8<&- &
  started+=($!)
  read -r number <"$1/number"
  export DISPLAY=:$number WINEPREFIX=$1
  mkfifo "$1/nothing"
  stay
}

# Who stays spares each program the start of Windows, three seconds. That of the desktop would else be started by a check,
# and have its pipes open for ever.
stay() {
  wine explorer /desktop <>"$WINEPREFIX/nothing" >/dev/null 2>&1 8<&- &
}

leave() { # ends all that runs in a Windows
  WINEPREFIX=$1 wineserver -k 8<&- 2>/dev/null || true
  WINEPREFIX=$1 timeout 20 wineserver -w 8<&- 2>/dev/null || true
}

start_sound() { # a sound card that plays to nobody, and can be listened to
  mkdir -m 700 "$run/sound"
  export PULSE_RUNTIME_PATH=$run/sound PULSE_SERVER=unix:$run/sound/native
  command -v pulseaudio >/dev/null || return 0
  HOME=$run/sound pulseaudio --daemonize=no --exit-idle-time=-1 -n -L "module-native-protocol-unix socket=$run/sound/native auth-anonymous=1" \
    -L 'module-null-sink sink_name=nowhere' >/dev/null 2>&1 8<&- &
  started+=($!)
}

windows_path() { echo "Z:${1//\//\\}"; } # a path as programs in Wine know it

in_windows() { # limit in seconds, file for what it says, script, argument...
  local status=0 reader
  exec 4> >(sed -u 's,\r,,' >"$2") # Wine 8 takes no file as a standard stream
  reader=$!
  timeout "$1" wine 'C:\py\python.exe' -X faulthandler "$(windows_path "$3")" "${@:4}" </dev/null >&4 2>&1 4>&- 8<&- || status=$?
  exec 4>&-
  timeout 2 tail -s 0.1 --pid="$reader" -f /dev/null || true # Wine's own programs may have it open for ever
  return $status
}

tell() { # name, seconds, whether it went well, file with what it said
  printf '%-28s %4d s  %s\n' "$1" "$2" "$([ "$3" = 0 ] && echo well || echo FAILED)"
  if [ "$3" != 0 ]; then sed 's/^/    /' "$4"; fi
}

check() { # name of a script here
  local began=$SECONDS home=$run/$1 failed=0
  mkdir -p "$home"
  WIN_PD_OVERRIDE_LOCAL_APPDATA=$(windows_path "$home") in_windows $CHECK_LIMIT_S "$home.said" "$here/$1.py" || failed=1
  grep -qx "$1: well" "$home.said" || failed=1 # Wine gives exit code 0 for some crashes
  grep '^  ' "$home.said" || true # what it measured
  tell "$1" $((SECONDS - began)) $failed "$home.said"
  if [ $failed = 1 ]; then # what it left behind is in nobody's way
    leave "$WINEPREFIX"
    stay
  fi
  return $failed
}

tests() {
  local began=$SECONDS failed=0
  in_windows $TESTS_LIMIT_S "$run/tests.said" "$here/portable_tests.py" || failed=1
  grep -E '^=* ?[0-9]+ passed' "$run/tests.said" | sed 's/^/  /' || failed=1
  tell tests $((SECONDS - began)) $failed "$run/tests.said"
  return $failed
}

stop() {
  local prefix
  for prefix in "$run"/*/prefix; do
    [ ! -e "$prefix" ] || leave "$prefix"
  done
  ((${#started[@]} == 0)) || kill "${started[@]}" 2>/dev/null || true
  rm -rf "$run"
}

started=()
run=$(realpath "$(mktemp -d)")
trap stop EXIT
install_wine
mkdir -p "$(dirname "$work")"
exec 8>"$work.lock"
until [ "$(cat "$work/made-of" 2>/dev/null)" = "$("$here/setup.sh" fingerprint)" ]; do
  flock --nonblock 8 || { echo "Another run makes or uses $work. Waiting for it." >&2 && flock 8; }
  "$here/setup.sh" "$work"
  flock --shared 8 # others may use it, and nobody may make it anew
done
flock --shared 8
echo "Windows is there after $SECONDS s"

export PYTHONPATH PYTHONFAULTHANDLER=1
PYTHONPATH=$(windows_path "$root")
unset PYTHONDONTWRITEBYTECODE
start_sound
names=("$@")
if ((${#names[@]} == 0)); then
  for script in "$here"/check_*.py; do names+=("$(basename "$script" .py)"); done
  names+=(tests)
fi
failed=0 beside=
# The tests need no desktop of their own: beside the checks, in another Windows.
if [[ " ${names[*]} " == *" tests "* ]]; then
  new_windows "$run/tests/prefix"
  start_screen "$run/tests/prefix"
  tests >"$run/tests.told" &
  beside=$!
fi
new_windows "$run/checks/prefix"
start_screen "$run/checks/prefix"
for name in "${names[@]}"; do
  [ "$name" = tests ] || check "$name" || failed=$((failed + 1))
done
if [ -n "$beside" ]; then
  wait "$beside" || failed=$((failed + 1))
  cat "$run/tests.told"
fi
echo "${#names[@]} parts, $failed failed, after $SECONDS s"
[ "$failed" = 0 ]
