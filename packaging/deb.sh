#!/usr/bin/env bash
# Builds build/lectern_VERSION-1_all.deb: `make deb`. What it installs and why, decision 85; packaging/try-deb.sh tries it.
#
#   packaging/deb.sh [WHEEL]   of that wheel, else of one that is built here; .venv must be there
#
# dpkg-deb is all that it needs of Debian. The same source and SOURCE_DATE_EPOCH make the same bytes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly FROM=packaging/debian APP_ID=io.github.lectern.Lectern
readonly TREE=build/deb
readonly WITHOUT=docopt # comes without a wheel, and is for a program of num2words' own

fail() { printf '%s\n' "$@" >&2; exit 2; }

put() { # mode file place ; below the package's root
  install -D --mode "$1" "$2" "$TREE/$3"
}

build_wheel() { # -> its path
  .venv/bin/python -m hatchling build -t wheel -d build/deb-wheel >&2
  ls build/deb-wheel/lectern-*.whl
}

without() { # name <requirements ; all but that package with its hashes
  awk -v name="$1==" '/^[^ ]/ { skipped = index($0, name) == 1 } !skipped'
}

depends() { # -> Python, what every desktop brings for Qt, and what debian-packages.txt lists for `say` and `run`
  printf 'python3 (>= 3.11), python3 (<< 3.15), python3-venv, ca-certificates'
  printf ', %s' 'libglib2.0-0t64 | libglib2.0-0' libgssapi-krb5-2 libfontconfig1 libfreetype6 libx11-xcb1 \
    libxcb-{glx0,render0,shm0,sync1,xfixes0}
  awk '/^(say|run) / { gsub(/\|/, " | ", $2); sub(/^[a-z]+ +/, ""); printf ", %s", $0 }' packaging/debian-packages.txt
}

put_program() { # wheel
  local at=$TREE/usr/share/lectern
  put 755 "$FROM/lectern" usr/bin/lectern
  put 755 "$FROM/lectern-setup" usr/sbin/lectern-setup
  put 644 "$1" "usr/share/lectern/${1##*/}"
  {
    without "$WITHOUT" <packaging/requirements.txt
    printf 'lectern @ file:///usr/share/lectern/%s --hash=sha256:%s\n' "${1##*/}" "$(sha256sum <"$1" | cut -d ' ' -f 1)"
  } >"$at/requirements.txt"
}

put_desktop() { # wheel ; the menu's entry, icons, and whatever else the wheel keeps for /usr/share (man page, completions)
  local icons=usr/share/icons/hicolor page
  put 644 "packaging/$APP_ID.desktop" "usr/share/applications/$APP_ID.desktop"
  put 644 "packaging/$APP_ID.metainfo.xml" "usr/share/metainfo/$APP_ID.metainfo.xml"
  put 644 "resources/icons/$APP_ID.svg" "$icons/scalable/apps/$APP_ID.svg"
  put 644 "resources/icons/$APP_ID-symbolic.svg" "$icons/symbolic/apps/$APP_ID-symbolic.svg"
  .venv/bin/python - "$1" "$TREE/usr" <<'END'
import sys, zipfile
from pathlib import Path
with zipfile.ZipFile(sys.argv[1]) as wheel:
    for name in wheel.namelist():
        _, is_data, place = name.partition(".data/data/")
        if is_data and place.startswith("share/") and not name.endswith("/"):
            # zsh of Debian looks for packages' completions in a folder of that name
            target = Path(sys.argv[2], place.replace("/zsh/site-functions/", "/zsh/vendor-completions/"))
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(wheel.read(name))
            target.chmod(0o644)
END
  put 644 "$FROM/lectern-setup.8" usr/share/man/man8/lectern-setup.8
  while read -r page; do gzip -9n "$page"; done < <(find "$TREE/usr/share/man" -type f ! -name '*.gz')
}

put_documents() { # version
  local at=$TREE/usr/share/doc/lectern
  put 644 "$FROM/copyright" usr/share/doc/lectern/copyright
  put 644 CHANGELOG.md usr/share/doc/lectern/changelog
  printf 'lectern (%s) unstable; urgency=medium\n\n  * changelog.gz says what is new.\n\n -- %s  %s\n' "$1" \
    "$(sed -n 's/^Maintainer: //p' "$FROM/control")" "$(date --utc --rfc-email --date "@$SOURCE_DATE_EPOCH")" >"$at/changelog.Debian"
  gzip -9n "$at/changelog" "$at/changelog.Debian"
  put 644 "$FROM/lintian-overrides" usr/share/lintian/overrides/lectern
}

put_control() { # version
  local name
  mkdir -p "$TREE/DEBIAN"
  sed -e "s/@VERSION@/$1/" -e "s/@DEPENDS@/$(depends)/" -e "s/@SIZE_KIB@/$(du -sk "$TREE/usr" | cut -f 1)/" "$FROM/control" \
    >"$TREE/DEBIAN/control"
  for name in postinst postrm; do put 755 "$FROM/$name" "DEBIAN/$name"; done
  put 644 "$FROM/triggers" DEBIAN/triggers
  (cd "$TREE" && find usr -type f -print0 | sort -z | xargs -0 md5sum) >"$TREE/DEBIAN/md5sums"
}

main() {
  local wheel version
  command -v dpkg-deb >/dev/null || fail "dpkg-deb is not here: build the package on Debian or Ubuntu."
  SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)} && export SOURCE_DATE_EPOCH
  rm -rf "$TREE" build/deb-wheel
  umask 022
  wheel=${1:-$(build_wheel)}
  version=${wheel##*/lectern-} && version=${version%%-*}-1
  put_program "$wheel"
  put_desktop "$wheel"
  put_documents "$version"
  put_control "$version"
  dpkg-deb --root-owner-group -Zxz --build "$TREE" "build/lectern_${version}_all.deb"
  rm -rf "$TREE" build/deb-wheel
}

main "$@"
