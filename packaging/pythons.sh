#!/usr/bin/env bash
# Type check and tests on each other Python that this computer has: `make pythons`. .venv must be ready to test.
#
#   packaging/pythons.sh [VERSION...]   these alone, such as 3.13; else 3.11 to 3.14, but for the one of .venv,
#                                       which `make test` is for
#
# Each gets an environment of its own, in build/pythons, with what is locked; it is 5 GB, so it goes when its run is over.
# The tests are those that need no screen and are not slow: the others ask the same code, through windows and processes.
# Exit code 1: one of them failed. A Python that is not found is no failure, and is said.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly VERSIONS=(3.11 3.12 3.13 3.14)
readonly VENV=.venv UV=.venv/bin/uv FOLDER=build/pythons LOCK=packaging/constraints.txt
readonly TESTS=(tests --ignore=tests/real -m "not slow" -n 2 --dist loadgroup --no-loadscope-reorder -p no:cacheprovider)

say() { printf '%s\n' "$@" >&2; } # each argument is a line

find_python() { # version -> its program: on PATH, pyenv's or uv's; pyenv's stand-ins are on PATH and may not run
  local python
  for python in "python$1" "${PYENV_ROOT:-$HOME/.pyenv}/versions/$1."*/bin/python \
    "$("$UV" python find --no-python-downloads --managed-python "$1" 2>/dev/null || true)"; do
    "$python" -c "import sys; sys.version_info[:2] == (${1/./, }) and print(sys.executable)" 2>/dev/null | grep . && return
  done
  return 1
}

set_up() { # version python ; what `make test` installs, from the same lock
  local at=$FOLDER/$1 quiet=()
  [[ -t 1 ]] || quiet=(--quiet)
  rm -rf "$at"
  "$UV" venv --quiet --python "$2" "$at" &&
    "$UV" pip install ${quiet[@]+"${quiet[@]}"} --python "$at/bin/python" \
      -c "$LOCK" --build-constraints "$LOCK" pip uv --editable '.[server,wyoming,mcp]' --group dev &&
    LECTERN_UV=$PWD/$UV "$at/bin/lectern" install-pytorch --build "$(grep . "$VENV/lectern-torch" 2>/dev/null || echo auto)"
}

check_types() { # version
  "$VENV/bin/python" -m pyright --pythonversion "$1" --pythonpath "$FOLDER/$1/bin/python"
}

try() { # version python -> what went wrong, in words; nothing where all is well
  local words=()
  say "" "Python $1, $2: setting up"
  if ! set_up "$1" "$2" >&2; then
    echo "could not be set up"
    return
  fi
  say "Python $1: types"
  check_types "$1" >&2 || words+=(types)
  say "Python $1: tests"
  "$FOLDER/$1/bin/python" -m pytest -q "${TESTS[@]}" >&2 || words+=(tests)
  ((${#words[@]} == 0)) || echo "failed: ${words[*]}"
}

main() {
  local version python wrong began status=0 lines=() own versions=("$@")
  own=$("$VENV/bin/python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
  ((${#versions[@]})) || versions=("${VERSIONS[@]}")
  trap 'rm -rf "$FOLDER"' EXIT
  for version in "${versions[@]}"; do
    if (($# == 0)) && [[ $version == "$own" ]]; then
      lines+=("$version  is what \`make test\` runs on")
    elif python=$(find_python "$version"); then
      began=$SECONDS
      wrong=$(try "$version" "$python")
      [[ -z $wrong ]] || status=1
      lines+=("$version  ${wrong:-green} after $((SECONDS - began)) s ($python)")
      rm -rf "${FOLDER:?}/$version"
    else
      lines+=("$version  NOT FOUND on this computer: nothing was tried")
    fi
  done
  say "" "============ other Pythons: types, and the tests that need no screen ============" "${lines[@]}"
  return "$status"
}

main "$@"
