"""What others wrote is shown as text, wherever it is shown; each place that shows it passes through one function."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

import engine
from desktop.common import terminal
from desktop.common.logs import close_log, log_path, open_log
from desktop.common.messages import MAX_DETAIL, Message, explain
from desktop.common.plain_text import plain, plain_line
from desktop.common.terminal import Terminal

ORDERS = [
    *("\x1b[2J", "\x1b]0;title\x07", "\x9b31m", "\rover", "\x08", "\x7f", "\0"),
    *("\N{RIGHT-TO-LEFT OVERRIDE}", "\N{LEFT-TO-RIGHT ISOLATE}", "\N{LINE SEPARATOR}", "caf\udce9"),
]


def is_plain(text: str) -> bool:
    text.encode()  # no half of a sign
    return not any(sign in text for sign in "\x1b\x07\x9b\r\x08\x7f\0\u202e\u2066\u2028")


@pytest.mark.parametrize("order", ORDERS, ids=ascii)
def test_an_order_is_shown_and_not_obeyed(order: str, tmp_path: Path) -> None:
    name = f"before{order}after"
    assert is_plain(plain(name))
    assert plain(name).startswith("before")
    assert plain(name).endswith("after")
    message = explain(engine.HubError("token_forbids", name))
    assert is_plain(f"{message.sentence}{message.remedy}")
    assert is_plain(str(explain(engine.CheckpointError("file_missing", Path(f"/x/{name}".replace("\0", "")), name))))
    assert is_plain(str(Message(name, name)))
    said = io.StringIO()
    Terminal(said).say(name)
    assert is_plain(said.getvalue())
    open_log(tmp_path).warning("the device %s is gone", name)
    close_log()
    assert is_plain(log_path(tmp_path).read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "text", ["Grüße\tund\nZeilen", "女声", "صوت", "👩‍👩‍👧 e\N{COMBINING ACUTE ACCENT}", "a\N{RIGHT-TO-LEFT MARK}b", ""]
)
def test_text_stays_as_it_is(text: str) -> None:
    assert plain(text) == text


def test_a_name_in_the_log_makes_no_line_of_its_own(tmp_path: Path) -> None:
    open_log(tmp_path).warning("no voice %s", "x\n2026-01-01 00:00:00,000 ERROR MainThread something else")
    close_log()
    assert len(log_path(tmp_path).read_text().splitlines()) == 1


def test_nobody_reads_a_page_of_detail() -> None:
    assert plain_line(" a\n\n b ", 10) == "a b"
    assert len(explain(engine.HubError("server", "long " * 10_000)).sentence) < MAX_DETAIL + 100


class _Console(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_without_orders_has_its_line_of_progress_blanked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal, "understands_orders", lambda: False)  # Windows' console, before it is told
    console = _Console()
    shown = Terminal(console)
    shown.progress("50 % 日本")
    shown.progress("99 %")
    shown.say("Done.")
    assert console.getvalue() == f"50 % 日本\r{' ' * 9}\r99 %\r{' ' * 4}\rDone.\n"
