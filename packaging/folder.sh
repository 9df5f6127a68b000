#!/usr/bin/env bash
# Builds build/lectern-VERSION-linux-ARCH.tar.xz, a folder that runs from wherever it is unpacked: `make folder`. What is in
# it and why, decision 86; packaging/try-folder.sh tries it.
#
#   packaging/folder.sh [WHEEL]   of that wheel, else of one that is built here; .venv must be there
#
# On Debian or Ubuntu, whose Python and libraries it takes: the folder runs where the C library is that old or newer.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly WORK=build/folder
readonly WITHOUT=docopt # comes without a wheel, and is for a program of num2words' own
# What no desktop is sure to have. All else (sound, fonts, X11, Wayland, OpenGL) must be the computer's own.
readonly OF_PYTHON=(libexpat1 zlib1g libssl3 libffi8 libsqlite3-0 libbz2-1.0 liblzma5 libuuid1)
readonly OF_SOUND=(libportaudio2 libjack-jackd2-0 libdb5.3)
readonly OF_QT=(libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-render-util0 libxcb-util1
  libxcb-xkb1 libxkbcommon-x11-0)

say() { printf '%s\n' "$@" >&2; } # each argument is a line
fail() { say "$@"; exit 2; }

build_wheel() { # -> its path
  .venv/bin/python -m hatchling build -t wheel -d "$WORK/wheel" >&2
  ls "$WORK"/wheel/lectern-*.whl
}

fetch_packages() { # Debian's, checked by apt, unpacked below $WORK/debian
  local package names=("$DEBIAN_PYTHON-minimal" "lib$DEBIAN_PYTHON-minimal" "lib$DEBIAN_PYTHON-stdlib" patchelf)
  names+=("${OF_PYTHON[@]}" "${OF_SOUND[@]}" "${OF_QT[@]}")
  mkdir -p "$WORK/debs" "$WORK/debian"
  (cd "$WORK/debs" && apt-get download -qq -o APT::Sandbox::User=root "${names[@]}") ||
    fail "Debian's packages could not be fetched. Check the network; if they are not found: sudo apt-get update"
  for package in "$WORK"/debs/*.deb; do dpkg-deb -x "$package" "$WORK/debian"; done
}

put_python() {
  local lib=$PYTHON/lib/$DEBIAN_PYTHON
  mkdir -p "$PYTHON/bin" "$PYTHON/lib"
  cp "$WORK/debian/usr/bin/$DEBIAN_PYTHON" "$PYTHON/bin/"
  ln -s "$DEBIAN_PYTHON" "$PYTHON/bin/python3"
  cp -r "$WORK/debian/usr/lib/$DEBIAN_PYTHON" "$PYTHON/lib/"
  # What needs libraries that are not brought, or an interpreter that somebody types into.
  rm -rf "$lib"/{EXTERNALLY-MANAGED,sitecustomize.py,test,idlelib,turtledemo,config-*}
  rm -f "$lib"/lib-dynload/{readline,_curses,_curses_panel,_dbm,_crypt,nis}.*.so
  # Packages of the person's own Python do not belong here.
  sed -i 's/^ENABLE_USER_SITE = None$/ENABLE_USER_SITE = False/' "$lib/site.py"
  grep -q '^ENABLE_USER_SITE = False$' "$lib/site.py" || fail "Debian's site.py is not as it was."
  cp packaging/folder/sitecustomize.py "$lib/"
  echo 'folder for Linux' >"$PYTHON/lectern-origin" # what a report says
  install -m 755 packaging/folder/lectern "$PYTHON/bin/lectern"
  ln -s python/bin/lectern "$TREE/lectern"
}

put_libraries() { # beside Python, and, for Qt, where its parts look for each other
  local name file target
  for name in "${OF_PYTHON[@]}" "${OF_SOUND[@]}" "${OF_QT[@]}"; do
    target=$PYTHON/lib
    [[ " ${OF_QT[*]} " != *" $name "* ]] || target=$SITE/PySide6/Qt/lib
    while read -r file; do
      cp -P "$WORK/debian/$file" "$target/"
    done < <(dpkg-deb -c "$WORK/debs/${name}"_*.deb | awk '/\.so/ { sub(/^.* \.\//, ""); sub(/ -> .*/, ""); print }' | grep -E '/lib[^/]*\.so[^/]*$' | grep -v '/jack')
  done
  rm -f "$PYTHON"/lib/libjack{net,server}.so* # of JACK's own server
  find_each_other "$PYTHON/lib" "$SITE/PySide6/Qt/lib"
}

find_each_other() { # folder... ; by their own place, so that nothing is said to the programs that Lectern starts
  local patchelf=$WORK/debian/usr/bin/patchelf origin="\$ORIGIN"
  find "$@" -maxdepth 1 -type f -name 'lib*.so*' ! -name 'libQt6*' ! -name 'libicu*' -exec "$patchelf" --set-rpath "$origin" {} \;
  "$patchelf" --set-rpath "$origin/../lib" "$PYTHON/bin/$DEBIAN_PYTHON"
  find "$PYTHON/lib/$DEBIAN_PYTHON/lib-dynload" -name '*.so' -exec "$patchelf" --set-rpath "$origin/../.." {} +
}

put_packages() { # wheel
  awk -v name="$WITHOUT==" '/^[^ ]/ { skipped = index($0, name) == 1 } !skipped' packaging/requirements.txt >"$WORK/requirements.txt"
  .venv/bin/uv pip install --quiet --link-mode copy --python "$PYTHON/bin/python3" --target "$SITE" --no-deps --only-binary :all: \
    --require-hashes -r "$WORK/requirements.txt"
  .venv/bin/uv pip install --quiet --link-mode copy --python "$PYTHON/bin/python3" --target "$SITE" --no-deps -c packaging/constraints.txt "$1" pip
  # Qt's programs for programmers, its second language and what only that needs: a third of it.
  rm -rf "${SITE:?}/bin" "$SITE"/PySide6/{Qt/{qml,metatypes,libexec},include,typesystems,scripts,glue,doc,support}
  rm -rf "$SITE"/PySide6/{assistant,designer,linguist,lrelease,lupdate,balsam*,qml*,qsb,svgtoqml,*.pyi}
  rm -rf "$SITE"/PySide6/Qt/plugins/{designer,qmllint,qmltooling,sqldrivers,vectorimageformats}
  rm -f "$SITE"/PySide6/Qt/lib/libQt6{Designer,Help,Labs,Qml,Quick,ShaderTools,Test,UiTools,Sql}*
  rm -f "$SITE"/PySide6/{libpyside6qml*,Qt{Designer,Help,Qml,Quick,QuickControls2,QuickTest,QuickWidgets,Test,UiTools,Sql}.abi3.so}
  find "$SITE" -name '*.pyi' -path '*/shiboken6/*' -delete
}

main() {
  local wheel version
  command -v apt-get >/dev/null || fail "apt-get is not here: build the folder on Debian or Ubuntu."
  SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)} && export SOURCE_DATE_EPOCH
  DEBIAN_PYTHON=python$(apt-cache show python3 | sed -n 's/^Version: \(3\.[0-9]*\).*/\1/p' | head -n 1)
  rm -rf "$WORK"
  umask 022
  mkdir -p "$WORK"
  wheel=${1:-$(build_wheel)}
  version=${wheel##*/lectern-} && version=${version%%-*}
  TREE=$WORK/lectern-$version
  PYTHON=$TREE/python
  SITE=$PYTHON/lib/$DEBIAN_PYTHON/dist-packages
  readonly DEBIAN_PYTHON TREE PYTHON SITE
  fetch_packages
  put_python
  mkdir -p "$SITE"
  put_packages "$wheel"
  put_libraries
  cp packaging/folder/README.txt LICENSE "$TREE/"
  find "$TREE" -name __pycache__ -prune -exec rm -rf {} +
  tar --create --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner -C "$WORK" "lectern-$version" |
    xz -T 0 -2 >"build/lectern-$version-linux-$(uname -m).tar.xz.part"
  mv "build/lectern-$version-linux-$(uname -m).tar.xz"{.part,}
  say "build/lectern-$version-linux-$(uname -m).tar.xz: $(du -h "build/lectern-$version-linux-$(uname -m).tar.xz" | cut -f 1), unpacked $(du -sh "$TREE" | cut -f 1)"
  rm -rf "$WORK"
}

main "$@"
