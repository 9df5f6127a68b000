# A Debian of its own to try a package in, for try-deb.sh and try-folder.sh, which source this. Needs root, debootstrap and
# the network; 2 GB below TMPDIR. This computer stays as it is: what is mounted and started there lives in a namespace of its
# own and ends with it.
# shellcheck shell=bash

readonly USER_NAME=reader
readonly TOOLS=xvfb,xauth,xdotool,dbus,dbus-x11,procps,ca-certificates

say() { printf '%s\n' "$@" >&2; } # each argument is a line
fail() { say "$@"; exit 1; }

inside() { chroot "$ROOT" "$@"; }
as_user() { inside runuser -l "$USER_NAME" -c "$1"; } # command of sh

apt() {
  inside env DEBIAN_FRONTEND=noninteractive apt-get -q=2 -y -o Dpkg::Use-Pty=0 -o APT::Sandbox::User=root "$@" >>"$LOG" 2>&1
}

prepare() { # suite ; a small Debian with what is only for trying
  debootstrap --variant=minbase --include="$TOOLS" "$1" "$ROOT" >>"$LOG" 2>&1
  cp /etc/resolv.conf /etc/hosts "$ROOT/etc/"
  # How this computer reaches the registries: certificates, and pip's settings, which are in the environment.
  cp -L /etc/ssl/certs/ca-certificates.crt "$ROOT/etc/ssl/certs/ca-certificates.crt"
  unset PIP_FIND_LINKS # a folder of this computer
  printf '#!/bin/sh\nexit 101\n' >"$ROOT/usr/sbin/policy-rc.d" && chmod 755 "$ROOT/usr/sbin/policy-rc.d"
  mount -t proc proc "$ROOT/proc"
  mount -t tmpfs tmpfs "$ROOT/tmp"
  inside useradd --create-home --shell /bin/sh "$USER_NAME"
  apt update
}

try_saying() { # command
  local began
  say "== $1, as an ordinary user"
  as_user "$1 --version"
  began=$(date +%s%N)
  as_user "$1 say -o said.wav 'Hello from elsewhere.' && od -A n -N 4 -c said.wav | grep -q 'R   I   F   F'" || fail "No sound was written."
  say "said.wav has $(as_user 'stat -c %s said.wav') bytes, $((($(date +%s%N) - began) / 1000000)) ms after the command"
}

try_window() { # command
  say "== the window, on an X server"
  cat >"$ROOT/home/$USER_NAME/window.sh" <<END
began=\$(date +%s%N)
$1 >window.log 2>&1 &
for _ in \$(seq 600); do
  sleep 0.1
  xdotool search --onlyvisible --name '^Lectern' && break
done
echo "a window \$(((\$(date +%s%N) - began) / 1000000)) ms after the command" >&2
$1 quit
wait
END
  if ! as_user 'timeout 240 xvfb-run -a dbus-run-session sh window.sh' | grep -q '^[0-9]'; then
    cat "$ROOT/home/$USER_NAME/window.log" >&2
    fail "No window came."
  fi
}

in_a_debian_of_its_own() { # file suite ; calls this script again, as the first process of a namespace
  local folder
  if [[ $(id -u) != 0 ]] || ! command -v debootstrap >/dev/null; then fail "This needs root and debootstrap."; fi
  [[ -f $1 ]] || fail "There is no $1. Build it first."
  folder=$(mktemp -d)
  # shellcheck disable=SC2064 # the folder is known now
  trap "rm -rf --one-file-system '$folder'" EXIT
  unshare --mount --pid --fork --kill-child "$(realpath "$0")" --inside "$folder" "$(realpath "$1")" "$2" ||
    { tail -n 40 "$folder/log" >&2; exit 1; }
}

run_or_enter() { # arguments of the script ; try_all is the script's own
  if [[ ${1:-} == --inside ]]; then
    ROOT=$2/root LOG=$2/log
    prepare "$4"
    try_all "$3"
  else
    in_a_debian_of_its_own "$1" "${2:-bookworm}"
  fi
}
