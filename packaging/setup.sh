#!/usr/bin/env bash
# Makes this checkout ready: system packages, the virtual environment .venv, the Python packages in it.
#
#   packaging/setup.sh say     what the built-in voice needs, without PyTorch and the window
#   packaging/setup.sh bench   that, and PyTorch
#   packaging/setup.sh run     that, and what the window needs
#   packaging/setup.sh test    all of these, and what lint and the tests need
#   packaging/setup.sh next    say, once after a set-up for `say`, what `make run` and `make test` will bring
#
# Every version is the one in packaging/constraints*.txt. `lectern install-pytorch` decides which build of PyTorch suits;
# TORCH=cpu|cu126|cu128|cu130 takes that one, for `say` too, and a checkout remembers it.
# When all is there nothing is installed, and no network is needed.
# Exit code 2: something is missing that only you can install; the line to run is printed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly PACKAGE_LIST=packaging/debian-packages.txt
readonly LOCK=packaging/constraints.txt
readonly LATER=packaging/later.txt # what `say` leaves out
readonly VENV=.venv
readonly STAMP=$VENV/lectern-ready       # the digest of what was installed from, then each purpose it is ready for
readonly TORCH_CHOICE=$VENV/lectern-torch # which build of PyTorch was asked for; empty: the one that suits
readonly NEXT=$VENV/lectern-next         # there until it was said what comes next
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
    bench) echo say bench ;;
    run) echo say bench run ;;
    test) echo say bench run test ;;
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
  if [[ $1 =~ ^(say|bench)$ ]] && ((${#needed[@]} == 0)); then
    say "The speakers stay silent until this is installed:" "$(install_line "${all[@]}")"
  else
    fail "These system packages are missing. Install them, then run this again:" "$(install_line "${all[@]}")"
  fi
}

# --- the virtual environment -----------------------------------------------------------------------------------------

find_python() { # a Python that is new enough, best one that can make a virtual environment at once
  local name module
  for module in ensurepip sys; do
    for name in python3.13 python3.12 python3.11 python3.14 python3; do
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
    build/uv/bin/python -m pip --disable-pip-version-check install --quiet -c "$LOCK" uv
    uv=build/uv/bin/uv
  fi
  "$uv" venv --quiet --python 3.13 "$VENV" || fail "Install Python 3.11 or newer, then run this again."
  "$uv" pip install --quiet --python "$VENV/bin/python" -c "$LOCK" pip
}

has_torch() { compgen -G "$VENV/lib/python3*/site-packages/torch" >/dev/null; }

venv_works() { "$VENV/bin/python" -c "import pip; $PYTHON_CHECK" 2>/dev/null; }

make_venv() { # torch
  local python
  if venv_works && { [[ $1 == "$(cat "$TORCH_CHOICE" 2>/dev/null)" ]] || ! has_torch; }; then
    echo "$1" >"$TORCH_CHOICE"
    return
  fi
  rm -rf "$VENV" # broken, half made, or made for another PyTorch, whose libraries would stay behind
  if python=$(find_python); then
    can_make_venv "$python" || fail "$python cannot make a virtual environment: it has no ensurepip. Install that, then run this again."
    "$python" -m venv "$VENV"
  else
    make_venv_with_uv
  fi
  echo "$1" >"$TORCH_CHOICE"
}

install_python_packages() { # purpose
  local what=(pip --editable '.[server]')
  [[ $1 != test ]] || what=(pip --editable '.[server,wyoming,mcp]' --group dev)
  use_pips_index
  install_with_uv "$1" "${what[@]}" || install_with_pip "${what[@]}" ||
    fail "The Python packages could not be installed. Check the network and the space on the disk, then run this again."
}

use_pips_index() { # a mirror that pip was told of, uv uses too
  [[ -z ${UV_DEFAULT_INDEX:-${UV_INDEX_URL:-}} ]] || return 0
  local index=${PIP_INDEX_URL:-}
  [[ -n $index ]] || index=$("$VENV/bin/python" -m pip config get global.index-url 2>/dev/null) || return 0
  export UV_DEFAULT_INDEX=$index
}

install_with_uv() { # purpose, what... ; far quicker than pip
  local uv=$VENV/bin/uv options=(-c "$LOCK" --build-constraints "$LOCK")
  [[ $("$uv" --version 2>/dev/null) == "uv $(locked uv)"* ]] || pip_install -c "$LOCK" uv || return 1
  [[ ! $1 =~ ^(say|bench)$ ]] || options+=(--excludes "$LATER")
  [[ -t 1 ]] || options+=(--quiet)
  "$uv" pip install --python "$VENV/bin/python" "${options[@]}" "${@:2}"
}

install_with_pip() { # what... ; where uv does not run, or reaches nothing
  say "uv could not install these. Trying with pip."
  pip_install -c "$LOCK" pip && pip_install -c "$LOCK" --build-constraint "$LOCK" "$@"
}

pip_install() { # option or package...
  local pip=("$VENV/bin/python" -m pip --disable-pip-version-check)
  [[ -t 1 ]] || pip+=(--quiet) # its progress is for someone who watches
  "${pip[@]}" install "$@"
}

locked() { sed -n "s/^$1==\([^ ]*\).*/\1/p" "$LOCK"; } # package -> its version

# --- all together ----------------------------------------------------------------------------------------------------

digest() { # the path too: an editable install of a checkout that was moved or copied points elsewhere
  { pwd && cat pyproject.toml "$PACKAGE_LIST" "$LATER" packaging/constraints*.txt packaging/setup.sh; } | sha256sum | cut -d ' ' -f 1
}

is_ready() { # purpose
  [[ -x $VENV/bin/python && -f $STAMP ]] && grep -qxF "$DIGEST" "$STAMP" && grep -qxF "$1" "$STAMP" &&
    [[ -z ${TORCH:-} || $TORCH == "$(cat "$TORCH_CHOICE")" ]]
}

wider() { # purpose -> it, or the widest that this environment was made for before: what is there is kept up to date
  local purpose
  for purpose in test run bench; do
    if [[ $1 == "$purpose" ]] || grep -qxF "$purpose" "$STAMP" 2>/dev/null; then break; fi
    purpose=say
  done
  echo "$purpose"
}

set_up() { # purpose
  local torch=${TORCH:-$(cat "$TORCH_CHOICE" 2>/dev/null || true)} purpose purposes
  purpose=$(wider "$1")
  [[ $purpose != say || -z ${TORCH:-} ]] || purpose=bench # who names a build wants it
  say "Setting up .venv. This happens once."
  [[ ! -f $STAMP ]] || sed -i '1s/.*/unfinished/' "$STAMP" # an install that is broken off is done again
  make_venv "$torch"
  install_python_packages "$purpose"
  if [[ $purpose == say ]]; then
    touch "$NEXT"
  else
    "$VENV/bin/lectern" install-pytorch --build "${torch:-auto}" >&2
    rm -f "$NEXT"
  fi
  read -ra purposes < <(purposes_of "$purpose")
  printf '%s\n' "$DIGEST" "${purposes[@]}" >"$STAMP.part"
  mv "$STAMP.part" "$STAMP"
}

say_next() {
  [[ -f $NEXT ]] || return 0
  rm -f "$NEXT"
  say "Besides, \`make run\` will bring the window and PyTorch, and \`make test\` what the tests need: up to 3 GB to download, 6 GB on disk."
}

main() {
  [[ $# == 1 && $1 =~ ^(say|bench|run|test|next)$ ]] || fail "Usage: packaging/setup.sh say|bench|run|test|next"
  [[ ${TORCH:-} =~ ^(|cpu|cu126|cu128|cu130)$ ]] || fail "TORCH is one of cpu, cu126, cu128, cu130; found: $TORCH"
  if [[ $1 == next ]]; then say_next && return; fi
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
