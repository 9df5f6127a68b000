#!/usr/bin/env bash
# Runs tests/bench/voices.py with what it needs beyond the tests: a recogniser and a judge of speech, 330 MB on disk.
# They are in an environment of their own, which sees that of the tests: nothing else may import them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly REQUIREMENTS=tests/bench/voices_requirements.txt # every wheel by its hash
readonly VENV=build/bench-voices

if ! cmp -s "$REQUIREMENTS" "$VENV/ready" || ! "$VENV/bin/python" -c '' 2>/dev/null; then
  rm -rf "$VENV"
  .venv/bin/python -m venv --without-pip "$VENV"
  .venv/bin/uv pip install --quiet --python "$VENV/bin/python" --no-deps --require-hashes -r "$REQUIREMENTS"
  .venv/bin/python - "$VENV" <<'END'
import sysconfig, sys
from pathlib import Path
purelib = sysconfig.get_path("purelib")
theirs = next(Path(sys.argv[1]).glob("[Ll]ib/**/site-packages"))
(theirs / "tests.pth").write_text(f"import site; site.addsitedir({purelib!r})\n")
END
  cp "$REQUIREMENTS" "$VENV/ready"
fi
exec "$VENV/bin/python" tests/bench/voices.py "$@"
