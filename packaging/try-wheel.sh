#!/usr/bin/env bash
# Installs the wheel as people do, by uv tool, by pipx and by pip, each in an empty home; runs it there, puts it into the
# menu, starts it on an X screen, and takes it away again. `make try-wheel` calls it.
#
#   packaging/try-wheel.sh [uv | pipx | pip]...   by these ways alone
#
# The wheel is built from the source archive, and comes from an index on this computer that has nothing else; all else
# comes from the usual registry. pip asks all indexes alike, and there may be another project of that name: so pip and
# pipx get the wheel's address. As root, each home is that of a user who is made for it and removed afterwards.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

umask 022 # others run what is made here

readonly BIN=$PWD/.venv/bin
readonly ID=io.github.lectern.Lectern
readonly TEXT="Early in the morning the harbour was still quiet."

say() { printf '%s\n' "$*" >&2; }
fail() { say "$@"; exit 1; }

# --- what all of them share ------------------------------------------------------------------------------------------

tidy() {
  local user
  for job in $(jobs -p); do kill "$job" 2>/dev/null || true; done
  wait
  for user in "${USERS[@]}"; do
    pkill -KILL -u "$user" || true # what this script started as one whom this script made
    userdel --remove "$user" 2>/dev/null || say "The user $user could not be removed."
  done
  rm -rf "$PLACE"
}

build() { # -> the wheel in $PLACE/simple/lectern, made from the source archive
  "$BIN/python" -m hatchling build -t sdist -d "$PLACE" >/dev/null 2>&1
  tar -C "$PLACE" -xzf "$PLACE"/lectern-*.tar.gz
  mkdir -p "$PLACE/simple/lectern"
  (cd "$PLACE"/lectern-*/ && "$BIN/python" -m hatchling build -t wheel -d "$PLACE/simple/lectern" >/dev/null 2>&1)
  say "source archive $(size "$PLACE"/lectern-*.tar.gz), wheel $(size "$PLACE"/simple/lectern/*.whl)"
}

serve() { # -> INDEX
  "$BIN/python" -u -m http.server --bind 127.0.0.1 --directory "$PLACE" 0 >"$PLACE/server" 2>/dev/null &
  until grep -q 'port [0-9]' "$PLACE/server"; do sleep 0.1; done
  INDEX=http://127.0.0.1:$(sed -n 's/.* port \([0-9]*\) .*/\1/p' "$PLACE/server")/simple
}

get_tools() { # uv and pipx, where every user can run them
  PATH=/usr/local/bin:/usr/bin:/bin python3 -m venv "$PLACE/tools" # not one that is in a home
  "$PLACE/tools/bin/python" -m pip install --quiet --disable-pip-version-check -c packaging/constraints.txt uv pipx
}

reach() { # -> what tells the installers where the usual registry is
  REACH=()
  local name index
  index=$("$BIN/python" -m pip config get global.index-url 2>/dev/null || true)
  for name in PIP_CERT PIP_DEFAULT_TIMEOUT UV_DEFAULT_INDEX SSL_CERT_FILE HTTPS_PROXY HTTP_PROXY NO_PROXY; do
    [[ -z ${!name:-} ]] || REACH+=("$name=${!name}")
  done
  [[ -z ${PIP_INDEX_URL:-$index} ]] || REACH+=("PIP_INDEX_URL=${PIP_INDEX_URL:-$index}" "UV_DEFAULT_INDEX=${UV_DEFAULT_INDEX:-${PIP_INDEX_URL:-$index}}")
}

downloaded() { # pip's log -> the sum of what it says of each file
  awk '/Downloading .*\([0-9.]+ [kMG]?B\)/ { n = $(NF - 1); sub(/\(/, "", n); unit = substr($NF, 1, 1)
    sum += n * (unit == "k" ? 1e-3 : unit == "G" ? 1e3 : unit == "M" ? 1 : 1e-6); files++ }
    END { printf "%d files, %.0f MB", files, sum }' "$1"
}

size() { du -cb "$@" | awk 'END { printf "%.1f MB", $1 / 1e6 }'; }

# --- one way ---------------------------------------------------------------------------------------------------------

make_home() { # way -> HOME_OF, AS: whose home, and how commands are run there
  local user=lectern-try-$1
  if [[ $EUID == 0 ]]; then
    useradd --create-home --shell /bin/bash "$user"
    USERS+=("$user")
    HOME_OF=$(getent passwd "$user" | cut -d : -f 6)
    AS=(runuser -u "$user" --)
  else
    HOME_OF=$PLACE/$1
    mkdir "$HOME_OF"
    AS=()
  fi
  "${AS[@]}" mkdir -m 700 "$HOME_OF/run"
}

here() { # command... ; with nothing of this environment
  (cd "$HOME_OF" && exec "${AS[@]}" env -i HOME="$HOME_OF" LANG=C.UTF-8 XDG_RUNTIME_DIR="$HOME_OF/run" \
    PATH="$HOME_OF/.local/bin:$PLACE/tools/bin:/usr/local/bin:/usr/bin:/bin" \
    UV_CACHE_DIR="$HOME_OF/cache/uv" PIP_CACHE_DIR="$HOME_OF/cache/pip" "${REACH[@]}" "$@")
}

install_by() { # way
  case $1 in
    uv) here uv tool install --quiet --no-progress --index "$INDEX" "lectern==$VERSION" ;;
    pipx) here pipx install --quiet "$WHEEL" >&2 ;;
    pip)
      here python3 -m venv "$HOME_OF/venv"
      here "$HOME_OF/venv/bin/pip" install --progress-bar off --disable-pip-version-check "$WHEEL" >"$PLACE/log"
      say "  downloaded $(downloaded "$PLACE/log")"
      here mkdir -p "$HOME_OF/.local/bin"
      here ln -s "$HOME_OF/venv/bin/lectern" "$HOME_OF/.local/bin/lectern"
      ;;
  esac
}

remove_by() { # way
  case $1 in
    uv) here uv tool uninstall --quiet lectern ;;
    pipx) here pipx uninstall lectern >/dev/null ;;
    pip) here rm -r "$HOME_OF/venv" "$HOME_OF/.local/bin/lectern" ;;
  esac
}

list() { (cd "$HOME_OF" && find . -path ./cache -prune -o \( -type f -o -type l \) -print | sort); }

check_menu() { # what install-desktop writes is true, and all of it goes
  local before entry=$HOME_OF/.local/share/applications/$ID.desktop program
  before=$(list)
  here lectern install-desktop >/dev/null
  program=$(sed -n 's/^TryExec=//p' "$entry")
  [[ $program == "$HOME_OF/.local/bin/lectern" ]] || fail "The entry starts $program"
  here "$program" --version >/dev/null
  ! command -v desktop-file-validate >/dev/null || desktop-file-validate "$entry"
  ! command -v man >/dev/null || here man --where lectern >/dev/null || fail "man finds no page."
  here lectern install-desktop --remove >/dev/null
  [[ $(list) == "$before" ]] || fail "Not all of it was taken away: $(diff <(echo "$before") <(list))"
}

start_window() { # on a screen of its own
  local display screen lectern begun=$EPOCHREALTIME
  here Xvfb -displayfd 1 -screen 0 1280x1024x24 -nolisten tcp >"$PLACE/display" 2>/dev/null &
  screen=$!
  until [[ -s $PLACE/display ]]; do sleep 0.1; done
  display=:$(<"$PLACE/display")
  begun=$EPOCHREALTIME
  here env DISPLAY="$display" lectern >/dev/null 2>"$PLACE/errors" &
  lectern=$!
  until here env DISPLAY="$display" xdotool search --onlyvisible --name '^Lectern' >/dev/null 2>&1; do
    kill -0 "$lectern" 2>/dev/null || fail "It ended: $(<"$PLACE/errors")"
    (($(seconds_since "$begun" | cut -d . -f 1) < 120)) || fail "No window came in two minutes."
    sleep 0.1
  done
  say "  window after $(seconds_since "$begun") s"
  here lectern status >&2
  here lectern quit
  wait "$lectern" || fail "It ended with code $?."
  kill "$screen"
  wait "$screen" || true # ended by a signal
}

seconds_since() { awk -v begun="$1" -v now="$EPOCHREALTIME" 'BEGIN { printf "%.1f", now - begun }'; }

try() { # way
  local begun=$EPOCHREALTIME
  make_home "$1"
  say "$1:"
  install_by "$1"
  say "  installed in $(seconds_since "$begun") s; the home holds $(size "$HOME_OF"), what the installer unpacked for later included"
  here lectern --version | sed 's/^/  /' >&2
  begun=$EPOCHREALTIME
  here lectern say -o "$HOME_OF/hello.wav" "$TEXT" >&2
  [[ $(stat -c %s "$HOME_OF/hello.wav") -gt 100000 ]] || fail "It hardly said anything."
  say "  said a sentence in $(seconds_since "$begun") s"
  here rm "$HOME_OF/hello.wav"
  here lectern doctor | grep -v '^ok' | sed 's/^/  /' >&2 || fail "The doctor finds that it does not work."
  here lectern setup --yes </dev/null 2>&1 | sed 's/^/  setup: /' >&2
  here lectern install-desktop --remove >/dev/null
  check_menu
  start_window
  remove_by "$1"
  ! list | grep -i 'bin/lectern\|lectern.desktop\|site-packages' || fail "Something stayed behind."
}

main() {
  local way
  (($#)) || set -- uv pipx pip
  for way; do [[ $way =~ ^(uv|pipx|pip)$ ]] || fail "The ways are uv, pipx and pip; found: $way"; done
  for way in Xvfb xdotool python3; do command -v "$way" >/dev/null || fail "This needs $way; \`make test\` installs it."; done
  USERS=()
  PLACE=$(mktemp -d)
  chmod 755 "$PLACE"
  trap tidy EXIT
  build
  VERSION=$(basename "$PLACE"/simple/lectern/*.whl | cut -d - -f 2)
  serve
  WHEEL=$INDEX/lectern/$(basename "$PLACE"/simple/lectern/*.whl)
  get_tools
  reach
  for way; do try "$way"; done
  say "Lectern can be installed: $*"
}

main "$@"
