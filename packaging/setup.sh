#!/usr/bin/env bash
# Makes this checkout ready: system packages, the virtual environment .venv, the Python packages in it.
#
#   packaging/setup.sh say     what speaking needs
#   packaging/setup.sh run     that, and what the window needs
#   packaging/setup.sh test    both, and what lint and the tests need
#
# TORCH=cpu|cu126|cu128|cu130 takes that build of PyTorch from PyTorch's own index, by way of uv; a checkout remembers
# its choice. Without it pip takes the default build. When all is there nothing is installed, and no network is needed.
# Exit code 2: something is missing that only you can install; the line to run is printed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly PACKAGE_LIST=packaging/debian-packages.txt
readonly VENV=.venv
readonly STAMP=$VENV/lectern-ready       # the digest of what was installed from, then each purpose it is ready for
readonly TORCH_CHOICE=$VENV/lectern-torch # which PyTorch this environment was made for
# The versions that torch 2.11 has wheels for.
readonly PYTHON_CHECK='import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))'

say() { printf '%s\n' "$@" >&2; } # each argument is a line
fail() { say "$@"; exit 2; }

# --- system packages -------------------------------------------------------------------------------------------------

is_debian() { command -v dpkg-query >/dev/null && command -v apt-get >/dev/null; }

missing_packages() { # purpose... -> the packages to install, one a line
  local wanted installed choice
  wanted=$(awk -v purposes=" $* " '/^[a-z]/ && index(purposes, " " $1 " ") { print $2 }' "$PACKAGE_LIST")
  # shellcheck disable=SC2086 # one word a package
  installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' ${wanted//|/ } 2>/dev/null | sed -n 's/^installed //p' || true)
  for choice in $wanted; do
    grep -qxF -- "${choice//|/$'\n'}" <<<"$installed" || echo "${choice%%|*}"
  done
}

may_install() { [[ $(id -u) == 0 ]] || sudo -n true 2>/dev/null; }

apt() { # without the lock (descriptor 9): a service that a package starts would keep it for ever
  local sudo=(sudo -n)
  [[ $(id -u) != 0 ]] || sudo=()
  ${sudo[@]+"${sudo[@]}"} env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 "$@" </dev/null >&2 9<&-
}

install_packages() { # package... ; fails when they could not be installed
  may_install || return 1
  say "Installing system packages: $*"
  apt update || say "The package lists could not be renewed. Going on with those that are here."
  apt install -y --no-install-recommends --no-remove -- "$@"
}

install_line() { echo "  sudo apt-get update && sudo apt-get install --no-install-recommends --no-remove $*"; }

purposes_of() { # purpose -> it, and those it includes
  case $1 in
    say) echo say ;;
    run) echo say run ;;
    test) echo say run test ;;
  esac
}

system_packages() { # purpose
  local purposes needed wanted all
  read -ra purposes < <(purposes_of "$1")
  if ! is_debian; then
    is_ready "$1" || say "This is not Debian or Ubuntu. Sound needs the PortAudio library; the tests need pulseaudio, pactl and parec too."
    return
  fi
  mapfile -t needed < <(missing_for_python)
  mapfile -t wanted < <(missing_packages "${purposes[@]}")
  all=(${needed[@]+"${needed[@]}"} ${wanted[@]+"${wanted[@]}"})
  if ((${#all[@]} == 0)) || install_packages "${all[@]}"; then return; fi
  if [[ $1 == say ]] && ((${#needed[@]} == 0)); then
    say "The speakers stay silent until this is installed:" "$(install_line "${all[@]}")"
  else
    fail "These system packages are missing. Install them, then run this again:" "$(install_line "${all[@]}")"
  fi
}

# --- the virtual environment -----------------------------------------------------------------------------------------

find_python() { # a Python that is new enough, best one that can make a virtual environment at once
  local name module
  for module in ensurepip sys; do
    for name in python3.13 python3.12 python3.11 python3; do
      "$name" -c "import $module; $PYTHON_CHECK" 2>/dev/null && command -v "$name" && return
    done
  done
  return 1
}

can_make_venv() { "$1" -c 'import ensurepip, venv' 2>/dev/null; } # python

missing_for_python() { # the packages without which no virtual environment can be made, one a line
  local python
  if [[ -x $VENV/bin/python ]]; then return; fi
  if ! python=$(find_python); then
    if command -v uv >/dev/null; then return; fi
    python=$(command -v python3) || { printf '%s\n' python3 python3-venv && return; }
  fi
  can_make_venv "$python" || "$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])'
}

make_venv_with_uv() { # where no Python here is new enough, uv brings one
  local uv
  say "No Python from 3.11 to 3.14 was found. uv fetches one for this checkout."
  if ! uv=$(command -v uv); then
    can_make_venv python3 || fail "Install Python 3.11 or newer, or uv, then run this again."
    python3 -m venv --clear build/uv
    build/uv/bin/python -m pip --disable-pip-version-check install --quiet uv
    uv=build/uv/bin/uv
  fi
  "$uv" venv --seed --python 3.12 "$VENV" || fail "Install Python 3.11 or newer, then run this again."
}

venv_works() { "$VENV/bin/python" -c "import pip; $PYTHON_CHECK" 2>/dev/null; }

make_venv() { # torch
  if venv_works && [[ $1 == "$(cat "$TORCH_CHOICE" 2>/dev/null)" ]]; then return; fi
  local python
  rm -rf "$VENV" # broken, half made, or made for another PyTorch, whose libraries would stay behind
  if python=$(find_python); then
    can_make_venv "$python" || fail "$python cannot make a virtual environment: it has no ensurepip. Install that, then run this again."
    "$python" -m venv "$VENV"
  else
    make_venv_with_uv
  fi
  echo "$1" >"$TORCH_CHOICE"
}

install_python_packages() { # purpose torch
  local uv pip=("$VENV/bin/python" -m pip --disable-pip-version-check) group=()
  "${pip[@]}" install --quiet 'pip>=25.1' # the first that knows --group
  [[ -t 1 ]] || pip+=(--quiet) # its progress is for someone who watches
  if [[ -z $2 ]]; then
    [[ $1 != test ]] || group=(--group dev)
    "${pip[@]}" install --editable '.[server]' ${group[@]+"${group[@]}"}
    return
  fi
  [[ $1 == test ]] || group=(--no-dev)
  if ! uv=$(command -v uv); then
    "${pip[@]}" install --quiet uv
    uv=$VENV/bin/uv
  fi
  # --inexact: pip and uv itself stay, though pyproject.toml does not name them
  "$uv" sync --inexact --python "$VENV/bin/python" --extra "$2" --extra server ${group[@]+"${group[@]}"}
}

# --- all together ----------------------------------------------------------------------------------------------------

digest() { # the path too: an editable install of a checkout that was moved or copied points elsewhere
  { pwd && cat pyproject.toml "$PACKAGE_LIST" packaging/setup.sh; } | sha256sum | cut -d ' ' -f 1
}

is_ready() { # purpose
  [[ -x $VENV/bin/python && -f $STAMP ]] && grep -qxF "$DIGEST" "$STAMP" && grep -qxF "$1" "$STAMP" &&
    [[ -z ${TORCH:-} || $TORCH == "$(cat "$TORCH_CHOICE")" ]]
}

set_up() { # purpose
  local torch=${TORCH:-$(cat "$TORCH_CHOICE" 2>/dev/null || true)}
  say "Setting up .venv. PyTorch is large: up to 3 GB to download, 5 GB on disk. This happens once."
  rm -f "$STAMP" # an install that is broken off leaves none
  make_venv "$torch"
  install_python_packages "$1" "$torch"
  local purposes
  read -ra purposes < <(purposes_of "$1")
  printf '%s\n' "$DIGEST" "${purposes[@]}" >"$STAMP.part"
  mv "$STAMP.part" "$STAMP"
}

main() {
  [[ $# == 1 && $1 =~ ^(say|run|test)$ ]] || fail "Usage: packaging/setup.sh say|run|test"
  [[ ${TORCH:-} =~ ^(|cpu|cu126|cu128|cu130)$ ]] || fail "TORCH is one of cpu, cu126, cu128, cu130; found: $TORCH"
  DIGEST=$(digest)
  readonly DIGEST
  exec 9<. # one set-up of a checkout at a time
  if command -v flock >/dev/null && ! flock --nonblock 9; then
    say "Another set-up of this checkout is running. Waiting for it."
    flock 9
  fi
  system_packages "$1"
  is_ready "$1" || set_up "$1"
}

main "$@"
