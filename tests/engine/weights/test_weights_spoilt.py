"""What the Hub says, and what a download has left in its folder, spoilt a thousand times: a `HubError`, or nothing."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import mock_hub
import pytest
from downloads import BIG, SMALL, check_state, download
from mock_hub import TOKEN, Answer, Cut, MockHub, Place, Reply
from spoilt import spoilt

import engine
import engine.weights
from desktop.common.messages import explain
from engine import CancelToken, HubError
from engine.weights import DownloadLimits
from engine.weights.hub import ask_files
from engine.weights.hub_library import ask_account, number
from engine.weights.records import read_mark, read_plan
from engine.weights.tokens import Token
from engine.weights.values import TokenSource

N_TIMES = 1000
JSON = {"Content-Type": "application/json"}
ME = Token(TOKEN, TokenSource.GIVEN)
QUICK = DownloadLimits(stall_s=5, first_wait_s=0.001, max_wait_s=0.002, max_attempts=2, max_questions=1)
REPO = mock_hub.REPO


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MockHub]:
    mock_hub.write_repository(tmp_path / "repository")
    with MockHub(tmp_path / "repository") as hub:
        hub.enter(monkeypatch, tmp_path / "hub-home", TOKEN)
        yield hub


def refusals(hub: MockHub, subject: str, bodies: Iterator[bytes], ask: Callable[[], object], status: int = 200) -> set:
    """The problems that asking comes to, where the hub says such things."""
    refused: list[HubError] = []
    for body in bodies:
        hub.heal()
        hub.fail(subject, *[Reply(status, JSON, body)] * 2, place="hub")
        try:
            ask()
        except HubError as error:
            refused.append(error)
    hub.heal()
    assert all(str(explain(error)) for error in refused)
    return {error.problem for error in refused}


def whoami() -> bytes:
    return json.dumps({"type": "user", "name": "ada", "auth": {"accessToken": {"displayName": "tests"}}}).encode()


def listed(hub: MockHub) -> bytes:
    """As `_model_info` has it, of two files."""
    files = [
        {
            "rfilename": name,
            "size": len(data),
            "blobId": "a" * 40,
            "lfs": {"sha256": "b" * 64, "size": 5, "pointerSize": 1},
        }
        for name, data in hub.files.items()
    ]
    return json.dumps({"id": REPO, "sha": hub.head, "gated": "auto", "siblings": files}).encode()


@pytest.mark.slow
def test_what_the_hub_says_of_an_account(hub: MockHub) -> None:
    problems = refusals(hub, "whoami", spoilt(whoami(), N_TIMES), lambda: ask_account(ME))
    assert problems == {"server"}


@pytest.mark.slow
def test_what_the_hub_lists(hub: MockHub) -> None:
    """A commit that is none leads to files that are not there."""
    problems = refusals(hub, "revision", spoilt(listed(hub), N_TIMES), lambda: ask_files(ME, REPO, "main"))
    assert "server" in problems
    assert problems <= {"server", "not_found", "network"}


@pytest.mark.parametrize(
    "body", [b"[" * 100_000, b'{"a":' * 100_000, b"9" * 10_000, b"\xff\xfe\x00", b"[]", b'"', b"5"]
)
def test_answers_of_every_kind_are_told_whatever_their_status(hub: MockHub, tmp_path: Path, body: bytes) -> None:
    """Nested 100 000 deep, a number of 10 000 digits, no UTF-8, JSON that is no object; of questions and errors."""
    asks = {
        "whoami": lambda: engine.weights.hub_account(),
        "revision": lambda: download(tmp_path / "data", limits=QUICK),
        "auth-check": lambda: download(tmp_path / "data", limits=QUICK),
        "device": lambda: list(engine.weights.log_in_with_browser(CancelToken())),
    }
    for subject, ask in asks.items():
        for status, expected in (
            (200, {"server"}),
            (403, {"server"}),
            (500, {"server"}),
            (404, {"server", "not_found"}),
        ):
            if status == 200 and subject == "auth-check":  # its status says it all
                continue
            hub.fail(subject, *[Reply(status, JSON, body)] * 9, place="hub")
            if subject in ("revision", "auth-check") and status == 404:  # as a mirror that does not know the question
                ask()
                engine.weights.remove_checkpoint(tmp_path / "data")
            else:
                with pytest.raises(HubError) as caught:
                    ask()
                assert caught.value.problem in expected
            hub.heal()


def test_an_answer_without_end_is_not_read_to_its_end(hub: MockHub) -> None:
    hub.fail("whoami", Reply(200, JSON, b" " * (17 << 20)), place="hub")
    with pytest.raises(HubError) as caught:
        engine.weights.hub_account()
    assert caught.value.detail == "its answer is far too long"


WHEN = ("9" * 400, "9" * 5000, "-1", "1e9", "inf", "nan", "٣", "²", "", " 5 x", "Wed, 21 Oct 2015 07:28:00 GMT", "\x01")


@pytest.mark.parametrize(
    ("status", "header"),
    [*((429, header) for header in WHEN), (500, WHEN[0]), (503, WHEN[2])],  # it is read in one place for all of them
    ids=lambda value: str(value)[:12],
)
def test_a_retry_after_that_is_no_number_of_seconds(hub: MockHub, tmp_path: Path, header: str, status: int) -> None:
    folder = tmp_path / "data" / "checkpoint"
    headers = {"Retry-After": header.encode().decode("latin-1"), "RateLimit": f'"api";r=0;t={"9" * 5000}'}
    subjects: list[tuple[str, Place]] = [("whoami", "hub"), ("revision", "hub"), (BIG, "storage"), (SMALL, "hub")]
    for subject, place in subjects:
        hub.fail(subject, *[Reply(status, headers, b"{}")] * 9, place=place)
        with pytest.raises(HubError) as caught:
            engine.weights.hub_account() if subject == "whoami" else download(folder, limits=QUICK)
        assert caught.value.problem == ("rate_limited" if status == 429 else "server")
        assert caught.value.retry_after_s is None
        assert explain(caught.value).remedy
        hub.heal()
        engine.weights.remove_checkpoint(folder)


def test_numbers_in_headers_are_whole_and_of_a_length() -> None:
    assert [number(text) for text in ("0", " 15 ", "9" * 15)] == [0, 15, 10**15 - 1]
    assert [number(text) for text in ("", "-1", "+1", "1.0", "1_0", "٣", "²", "9" * 16)] == [None] * 8


@pytest.mark.parametrize("name", [".lectern-download.json", ".lectern-checkpoint.json"])
def test_spoilt_records_cost_nothing_and_end_nothing(hub: MockHub, tmp_path: Path, name: str) -> None:
    folder = tmp_path / "data" / "checkpoint"
    if name == ".lectern-download.json":
        hub.fail(BIG, Cut(700_000), *[Answer(503)] * 9, place="storage")
        with pytest.raises(HubError):
            download(folder, limits=QUICK)
        hub.heal()
    else:
        download(folder)
    record = (folder / name).read_bytes()
    n_lost = 0
    for data in spoilt(record, N_TIMES):
        (folder / name).write_bytes(data)
        read = read_plan(folder) if name == ".lectern-download.json" else read_mark(folder)
        n_lost += read is None
        for file in read.files if read is not None else ():
            assert (folder / file.name).parent == folder, "it leads nowhere else"
            assert 0 <= file.size_bytes < 2**51
        left = engine.weights.unfinished_download(folder)
        assert left is None or left.done_bytes >= 0
        engine.weights.missing_files(folder)
        with contextlib.suppress(engine.CheckpointError):
            engine.weights.find_checkpoint(folder, folder)
    assert n_lost > N_TIMES // 4
    hub.bytes_sent.clear()
    (folder / name).write_bytes(b"[" * 100_000)
    download(folder)
    assert check_state(folder, hub) == "whole"
    is_plan = name == ".lectern-download.json"
    assert hub.bytes_sent[BIG] == (mock_hub.NOISE_BYTES[BIG] - 700_000 if is_plan else 0), "the part was gone on with"
