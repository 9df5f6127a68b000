"""No test, and no Lectern that one starts, may have Qt or Python warn: a connection that cannot be made, a window that
cannot be placed, a thread that was not awaited are told in no other way.

A pytest plugin (named in tests/conftest.py). In pytest itself pytest-qt's `qt_log_level_fail` and pytest's own
`filterwarnings` do it; this is for the children, which tests/offline/lectern_test_messages.py listens to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

OTHERS_FAULTS: tuple[tuple[str, str], ...] = (
    (
        r"QWaylandTextInputv3::disableSurface\(wl_surface\*\) Trying to disable 0x\w+ but 0x0 is focused",
        "Qt learns from the compositor that a window lost the focus before it has told its own input method; any window"
        " that is hidden on Wayland can bring it about, and nothing comes of it.",
    ),
)
"""(a regular expression for the words, why it may be said)"""


@pytest.fixture(scope="session", autouse=True)
def messages_log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The file that holds each warning in a child."""
    log = tmp_path_factory.mktemp("messages") / "warnings"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LECTERN_TEST_MESSAGES_LOG", str(log))
        yield log


@pytest.fixture(autouse=True)
def nothing_warns(request: pytest.FixtureRequest, messages_log: Path) -> Iterator[None]:
    """Fail the test whose children warned; `@pytest.mark.may_warn("…")` names what a test brings about on purpose."""
    yield
    if not messages_log.exists():
        return
    said = messages_log.read_text(encoding="utf-8")
    messages_log.unlink()
    allowed = [words for words, _ in OTHERS_FAULTS]
    allowed += [words for mark in request.node.iter_markers("may_warn") for words in mark.args]
    left = [one for one in re.split(r"(?<=\])\n(?=\S)", said) if not any(re.search(words, one) for words in allowed)]
    if left:
        pytest.fail("a program that this test started was warned:\n" + "\n".join(left), pytrace=False)
