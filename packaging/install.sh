#!/usr/bin/env bash
# Installs Lectern for you alone, on Linux or in WSL2; no administrator's rights, no Python needed beforehand.
#
#   packaging/install.sh [FOLDER | WHEEL]   install this checkout, or the one in FOLDER, or a wheel
#   packaging/install.sh --uninstall        remove it again; asks about voices, weights and settings
#
#   --autostart     start Lectern at login
#   --torch BUILD   PyTorch's build cpu, cu126, cu128 or cu130, instead of what suits the driver
#   --yes           answer every question with yes, but for what --uninstall would delete of yours
#   --purge         with --uninstall: delete voices, weights and settings too, without a question
#   --dry-run       say what would be done, and do nothing
#
# What it makes: ~/.local/share/lectern/venv (the program), ~/.local/bin/lectern (a link), an entry in the menu, and
# ~/.local/share/lectern/uv and python where uv was missing. Broken off or run twice, it ends the same.
# Exit code 2: it cannot go on, and says why.
set -euo pipefail

readonly UV_PAGE=https://docs.astral.sh/uv/
readonly UV_INSTALLER=https://astral.sh/uv/install.sh
readonly READ_LOCK='import sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as wheel, open(sys.argv[2], "wb") as lock:
    name = "desktop/resources/constraints.txt"
    lock.write(wheel.read(name) if name in wheel.namelist() else sys.exit(1))'
readonly PYTHONS='>=3.11,<3.15' # those that torch 2.11 has wheels for

say() { printf '%s\n' "$@" >&2; } # each argument is a line
fail() { say "$@"; exit 2; }

# --- where things are ------------------------------------------------------------------------------------------------

set_places() {
  [[ -n ${HOME:-} && -d $HOME ]] || fail "HOME names no folder."
  DATA=${XDG_DATA_HOME:-$HOME/.local/share}/lectern
  CONFIG=${XDG_CONFIG_HOME:-$HOME/.config}/lectern
  STATE=${XDG_STATE_HOME:-$HOME/.local/state}/lectern
  CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/lectern
  VENV=$DATA/venv
  LINK=$HOME/.local/bin/lectern
  OWN_UV=$DATA/uv
  OWN_PYTHON=$DATA/python
}

ask() { # question ; succeeds on yes. Without a terminal the answer is no
  local answer
  [[ $YES == 0 ]] || return 0
  [[ -t 0 ]] || return 1
  read -r -p "$1 [y/N] " answer
  [[ $answer =~ ^[Yy] ]]
}

do_it() { # command... ; with --dry-run it is only said
  if [[ $DRY_RUN == 1 ]]; then
    printf 'would run:' >&2
    printf ' %q' "$@" >&2
    printf '\n' >&2
  else
    "$@"
  fi
}

# --- install ---------------------------------------------------------------------------------------------------------

find_uv() { # -> uv's path
  local uv
  for uv in "$(command -v uv || true)" "$OWN_UV/uv" "$HOME/.local/bin/uv" "$HOME/.cargo/bin/uv"; do
    [[ ! -x $uv ]] || { echo "$uv" && return; }
  done
  return 1
}

get_uv() { # -> uv's path, after it was fetched if need be
  find_uv && return
  say "Lectern is installed with uv ($UV_PAGE), which brings Python as well. It is not on this computer."
  if [[ $DRY_RUN == 1 ]]; then
    say "would run: the installer $UV_INSTALLER, into $OWN_UV"
    echo "$OWN_UV/uv"
    return
  fi
  ask "Fetch uv from $UV_INSTALLER into $OWN_UV?" || fail "Install uv ($UV_PAGE), or pass --yes, then run this again."
  local fetch=(curl -fsSL)
  command -v curl >/dev/null || fetch=(wget -qO-)
  command -v "${fetch[0]}" >/dev/null || fail "Install curl or wget, then run this again."
  mkdir -p "$DATA"
  # whole before it runs: half a script must not
  "${fetch[@]}" "$UV_INSTALLER" >"$DATA/uv-installer.part" || fail "$UV_INSTALLER could not be fetched. Check the network, then run this again."
  UV_UNMANAGED_INSTALL=$OWN_UV sh "$DATA/uv-installer.part" >&2
  rm -f "$DATA/uv-installer.part"
  find_uv || fail "uv's installer left no uv in $OWN_UV. Install uv ($UV_PAGE), then run this again."
}

use_own_folders() { # uv ; what a uv of our own fetches goes where --uninstall finds it
  [[ $1 == "$OWN_UV/uv" ]] || return 0
  export UV_PYTHON_INSTALL_DIR=$OWN_PYTHON UV_CACHE_DIR=$CACHE/uv
}

check_source() { # folder or wheel -> its full path
  if [[ -f $1 && $1 == *.whl ]]; then
    echo "$(cd "$(dirname "$1")" && pwd)/$(basename "$1")"
  elif [[ -f $1/pyproject.toml ]] && grep -q '^name = "lectern"' "$1/pyproject.toml"; then
    (cd "$1" && pwd)
  else
    fail "$1 is neither a wheel nor a checkout of Lectern."
  fi
}

# Beside the old one, which works until the new one is whole. --relocatable: its programs do not know their folder.
make_venv() { # uv source torch
  local lock python=$VENV.new/bin/python
  do_it rm -rf "$VENV.new"
  do_it "$1" venv --quiet --relocatable --python "$PYTHONS" "$VENV.new"
  lock=$(find_lock "$2" "$python")
  do_it "$1" pip install --python "$python" ${lock:+-c "$lock" --build-constraints "$lock"} "$2[server]"
  do_it test -x "$VENV.new/bin/lectern"
  install_pytorch "$1" "$3"
  quit_running
  do_it rm -rf "$VENV"
  do_it mv "$VENV.new" "$VENV"
}

find_lock() { # source python -> the file with every package's version: the checkout's, or the one in the wheel
  local lock=$1/packaging/constraints.txt
  if [[ -f $1 ]]; then
    lock=$VENV.new/constraints.txt
    do_it "$2" -c "$READ_LOCK" "$1" "$lock" || fail "$1 does not say which versions of other packages it was made with."
  fi
  echo "$lock"
}

install_pytorch() { # uv torch ; `lectern install-pytorch` knows which build suits
  if do_it env LECTERN_UV="$1" "$VENV.new/bin/lectern" install-pytorch ${2:+--build "$2"} >&2; then return; fi
  [[ ! -e $VENV ]] || fail "Lectern is as it was. Run this again."
  say "Lectern goes on without PyTorch, which S1 Mini needs. To install it later: lectern install-pytorch"
}

quit_running() { [[ ! -x $VENV/bin/lectern ]] || do_it "$VENV/bin/lectern" quit || true; }

is_our_link() { [[ -L $LINK && $(readlink "$LINK") == "$VENV/bin/lectern" ]]; }

make_link() {
  if [[ -e $LINK || -L $LINK ]] && ! is_our_link; then
    say "$LINK is something else and was left alone. Lectern is $VENV/bin/lectern"
    return
  fi
  do_it mkdir -p "${LINK%/*}"
  do_it ln -sfn "$VENV/bin/lectern" "$LINK"
  [[ :$PATH: == *:"${LINK%/*}":* ]] || say "${LINK%/*} is not on your PATH: log in anew, or call $LINK"
}

check_libraries() { # what no Python package brings: sound, and Qt's way to the screen
  local known missing=()
  known=$( { ldconfig -p || /sbin/ldconfig -p; } 2>/dev/null) || return 0
  [[ $known == *libportaudio.so.2* ]] || missing+=(libportaudio2 libasound2-plugins)
  [[ $known == *libxcb-cursor.so.0* ]] || missing+=(libxcb-cursor0)
  ((${#missing[@]} == 0)) && return
  if command -v apt-get >/dev/null; then
    say "For sound and windows, install this too:" "  sudo apt-get install --no-install-recommends ${missing[*]}"
  else
    say "For sound and windows, install your system's packages of PortAudio and xcb-util-cursor too (Debian's: ${missing[*]})."
  fi
}

install_lectern() { # source torch
  local source uv desktop_options=()
  source=$(check_source "$1")
  uv=$(get_uv)
  use_own_folders "$uv"
  lock
  make_venv "$uv" "$source" "$2"
  make_link
  [[ $AUTOSTART == 0 ]] || desktop_options=(--autostart)
  do_it "$VENV/bin/lectern" install-desktop ${desktop_options[@]+"${desktop_options[@]}"} >&2
  check_libraries
  [[ $DRY_RUN == 1 ]] || say "Lectern is installed. Start it from the menu, or with: lectern" "To see what works here: lectern doctor"
}

lock() { # one at a time
  [[ $DRY_RUN == 0 ]] || return 0
  mkdir -p "$DATA"
  exec 9<"$DATA"
  if command -v flock >/dev/null && ! flock --nonblock 9; then
    fail "Another installation is running. Wait for it, then run this again."
  fi
}

# --- uninstall -------------------------------------------------------------------------------------------------------

uninstall() {
  local path yours=()
  quit_running
  if [[ -x $VENV/bin/lectern ]]; then
    do_it "$VENV/bin/lectern" install-desktop --remove >&2 || say "The entry in the menu could not be removed."
  fi
  ! is_our_link || do_it rm -f "$LINK"
  for path in "$VENV" "$VENV.new" "$OWN_UV" "$OWN_PYTHON" "$DATA/uv-installer.part" "$CACHE"; do
    [[ ! -e $path ]] || do_it rm -rf "$path"
  done
  mapfile -t yours < <(list_yours)
  if ((${#yours[@]})); then
    say "Voices, weights, settings and the last text are still here:" "$(du -sh "${yours[@]}" | sed 's/^/  /')"
    if [[ $PURGE == 1 ]] || ask_about_yours; then
      do_it rm -rf "${yours[@]}"
    else
      say "They were kept. To delete them too: packaging/install.sh --uninstall --purge"
    fi
  fi
  for path in "$DATA" "$CONFIG" "$STATE"; do
    [[ ! -d $path || -n $(ls -A "$path") ]] || do_it rmdir "$path"
  done
  [[ $DRY_RUN == 1 ]] || say "Lectern is uninstalled."
}

list_yours() { # -> what the person made or fetched, one a line
  local path
  for path in "$DATA"/* "$DATA"/.[!.]* "$CONFIG" "$STATE"; do
    case $path in
      "$VENV" | "$VENV.new" | "$OWN_UV" | "$OWN_PYTHON" | "$DATA/uv-installer.part") ;;
      *) [[ ! -e $path ]] || echo "$path" ;;
    esac
  done
}

ask_about_yours() { # --yes does not delete what cannot be fetched again
  local YES=0
  ask "Delete them too?"
}

# --- all together ----------------------------------------------------------------------------------------------------

usage() { sed -n '2,/^set /{s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}" >&2; }

main() {
  local source="" torch="" action=install
  AUTOSTART=0 YES=0 PURGE=0 DRY_RUN=0
  while (($#)); do
    case $1 in
      --autostart) AUTOSTART=1 ;;
      --torch) torch=${2:-none} && shift $(($# > 1)) ;;
      --yes) YES=1 ;;
      --purge) PURGE=1 ;;
      --dry-run) DRY_RUN=1 ;;
      --uninstall) action=uninstall ;;
      -h | --help) usage && return ;;
      -*) usage && fail "" "There is no option $1." ;;
      *) [[ -z $source ]] || fail "One folder or wheel at a time." && source=$1 ;;
    esac
    shift
  done
  [[ $torch =~ ^(|cpu|cu126|cu128|cu130)$ ]] || fail "--torch takes cpu, cu126, cu128 or cu130."
  [[ $PURGE == 0 || $action == uninstall ]] || fail "--purge goes with --uninstall."
  [[ $(uname -s) == Linux ]] || fail "This is for Linux and WSL2. On Windows, run packaging/install.ps1 in PowerShell."
  [[ $(uname -m) =~ ^(x86_64|aarch64)$ ]] || fail "PyTorch has no build for this processor ($(uname -m))."
  set_places
  if [[ $action == uninstall ]]; then
    uninstall
  else
    install_lectern "${source:-$(dirname "${BASH_SOURCE[0]}")/..}" "$torch"
  fi
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then main "$@"; fi
