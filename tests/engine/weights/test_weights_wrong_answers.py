"""What is downloaded is never given up for an answer: once, twice or for ever, early, half-way or at the end."""

from __future__ import annotations

import gzip
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import mock_hub
import pytest
from downloads import BIG, BIG_BYTES, SMALL, check_locked_state, download, expect_whole, start_child
from mock_hub import (
    LOGIN_PAGE,
    TOKEN,
    Answer,
    Cut,
    Fault,
    Hold,
    IgnoreRange,
    MockHub,
    OtherEtag,
    OtherRange,
    Place,
    Reply,
    Stale,
    WrongLength,
)
from waiting import wait_until

import engine
import engine.weights
from engine import HubError, OutputError
from engine.files import disk
from engine.weights import DownloadLimits

QUICK = DownloadLimits(stall_s=2, first_wait_s=0.001, max_wait_s=0.002, max_attempts=5, progress_every_s=0.02)
HTML = {"Content-Type": "text/html; charset=utf-8"}
PACKED = gzip.compress(bytes(range(256)) * 50)


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MockHub]:
    mock_hub.write_repository(tmp_path / "repository")
    with MockHub(tmp_path / "repository") as hub:
        hub.enter(monkeypatch, tmp_path / "hub-home", TOKEN)
        yield hub


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data" / "checkpoint"


def begin(hub: MockHub, folder: Path, name: str, held: int) -> None:
    """A download that a network has ended after so many bytes of the file."""
    hub.fail(name, Cut(held))
    hub.fail(name, *[Answer(503)] * QUICK.max_attempts, place="hub" if name == SMALL else "storage")
    with pytest.raises(HubError, match="server"):
        download(folder, limits=QUICK)
    hub.heal()
    assert (folder / f"{name}.part").read_bytes() == hub.files[name][:held]
    hub.bytes_sent.clear()


def login_redirect(hub: MockHub) -> Fault:
    return Reply(302, {"Location": f"{hub.url}/login", **HTML}, LOGIN_PAGE)


# what comes; what it is told as where it stays; whether the hub says it (or the storage)
WRONG: dict[str, tuple[Callable[[MockHub], Fault], str, Place]] = {
    "a page": (lambda _: Reply(200, HTML, LOGIN_PAGE), "login_page", "storage"),
    "a page from the hub": (lambda _: Reply(200, HTML, LOGIN_PAGE), "login_page", "hub"),
    "a page of no length": (lambda _: Reply(200, HTML, LOGIN_PAGE, has_length=False), "login_page", "storage"),
    "a redirect to a page": (login_redirect, "login_page", "storage"),
    "a redirect of the hub": (login_redirect, "login_page", "hub"),
    "a network's own status": (lambda _: Answer(511), "login_page", "storage"),
    "a redirect to nowhere": (lambda _: Reply(302, {"Location": "http://[half"}), "wrong_answer", "storage"),
    "words in pieces": (lambda _: Reply(200, {}, b"Log in, please.", is_chunked=True), "wrong_answer", "storage"),
    "words of no length": (lambda _: Reply(200, {}, b"Log in, please.", has_length=False), "wrong_answer", "storage"),
    "packed, and half": (
        lambda _: Reply(200, {"Content-Encoding": "gzip"}, PACKED[: len(PACKED) // 2]),
        "wrong_answer",
        "storage",
    ),
    "a range that is none": (lambda _: Reply(206, {"Content-Range": "bytes"}, b"abc"), "wrong_answer", "storage"),
    "a range without end": (
        lambda _: Reply(206, {"Content-Range": f"bytes {'9' * 5000}-{'9' * 5000}/*"}, b"abc"),
        "wrong_answer",
        "storage",
    ),
    "another range": (lambda _: OtherRange(by_bytes=-7), "wrong_answer", "storage"),
    "another total": (lambda _: OtherRange(longer_by_bytes=5), "wrong_answer", "storage"),
    "a longer body": (lambda _: WrongLength(5), "wrong_answer", "storage"),
    "a shorter body": (lambda _: WrongLength(-1), "wrong_answer", "storage"),
    "416 of the storage": (lambda _: Answer(416), "wrong_answer", "storage"),
    "416 of the hub": (lambda _: Answer(416), "wrong_answer", "hub"),
    "another ETag": (lambda _: OtherEtag(), "wrong_answer", "hub"),
    "an old file's rest": (lambda _: Stale(), "corrupt", "storage"),
    "an old file, whole": (lambda _: Stale(ignores_range=True), "corrupt", "storage"),
    "the whole file again": (lambda _: IgnoreRange(), "", "storage"),
}


AT_ONCE = {"a page", "another range", "another ETag", "an old file's rest", "the whole file again"}
"""One for each thing that is told, or done, and each that says it; with the rest of them it takes 6 seconds more."""
IS_READ = {"an old file's rest", "an old file, whole", "the whole file again"}
"""How much is held says what is done with these. The others are refused before that is looked at."""


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        pytest.param(name, wrong, marks=pytest.mark.slow if name == BIG and wrong not in AT_ONCE else ())
        for name in (BIG, SMALL)
        for wrong in WRONG
    ],
)
def test_a_wrong_answer_costs_nothing_that_is_held(hub: MockHub, folder: Path, wrong: str, name: str) -> None:
    make, problem, place = WRONG[wrong]
    place = "hub" if name == SMALL else place
    size = len(hub.files[name])
    most = size * 999 // 1000
    for held in (size // 2,) if name == SMALL else (size // 1000, size // 2, most) if wrong in IS_READ else (most,):
        begin(hub, folder, name, held)
        before = shutil.copytree(folder, folder.with_name("before"))
        for n_times in (1, 2):
            hub.fail(name, *[make(hub)] * n_times, place=place)
            download(folder, limits=QUICK)
            expect_whole(folder, hub)
            hub.heal()  # a whole file that comes again is right at once
            # "twice" of an old file's rest, where little is held: it is all the same what is fetched anew
            n_again = size if wrong == "the whole file again" or (problem == "corrupt" and held < size // 2) else 0
            assert size - held <= hub.bytes_sent[name] <= size - held + n_again
            shutil.rmtree(folder)
            shutil.copytree(before, folder)
            hub.bytes_sent.clear()
        if problem:
            hub.fail(name, *[make(hub)] * 50, place=place)
            with pytest.raises(HubError) as caught:
                download(folder, limits=QUICK)
            assert caught.value.problem == problem
            hub.heal()
            assert [path.name for path in folder.glob("*.part*")].count(f"{name}.part") == 1
            assert len(list(folder.glob(f"{name}.part*"))) == 1, "nothing lies beside it"
            assert (folder / f"{name}.part").read_bytes() == hub.files[name][:held]
            hub.bytes_sent.clear()
            download(folder, limits=QUICK)
            expect_whole(folder, hub)
            assert hub.bytes_sent[name] == size - held
        shutil.rmtree(folder)
        shutil.rmtree(before)


@pytest.mark.parametrize(
    "wrong",
    [
        "a page",
        *(
            pytest.param(wrong, marks=pytest.mark.slow)
            for wrong in ("another range", "another ETag", "an old file's rest", "416 of the hub")
        ),
    ],
)
def test_killed_among_wrong_answers_it_still_has_what_it_had(hub: MockHub, folder: Path, wrong: str) -> None:
    held = BIG_BYTES * 999 // 1000
    begin(hub, folder, BIG, held)
    make, _, place = WRONG[wrong]
    hub.fail(BIG, *[make(hub)] * 2, place=place)
    hub.fail(BIG, *[Hold(0)] * 50, place="storage")
    n_asked = len(hub.asked(BIG, "storage"))
    n_wrong = 2 if place == "storage" else 0
    with start_child(folder) as child:
        wait_until(lambda: len(hub.asked(BIG, "storage")) > n_asked + n_wrong, "it asks after two wrong answers")
        child.send_signal(signal.SIGKILL)
        child.communicate()
    assert check_locked_state(folder, hub) == "resumable"
    assert (folder / f"{BIG}.part").read_bytes()[:held] == hub.files[BIG][:held]
    hub.heal()
    hub.bytes_sent.clear()
    download(folder, limits=QUICK)
    expect_whole(folder, hub)
    assert hub.bytes_sent[BIG] == BIG_BYTES - held


def test_what_a_new_download_is_answered_wrongly_leaves_nothing_behind(hub: MockHub, folder: Path) -> None:
    """Else the page would be the file's beginning, for the checksum to find out after gigabytes."""
    for make, problem, place in WRONG.values():
        if problem and "range" not in str(make(hub)).lower() and not isinstance(make(hub), OtherRange):
            hub.fail(BIG, *[make(hub)] * 50, place=place)
            with pytest.raises(HubError):
                download(folder, limits=QUICK)
            hub.heal()
            assert not (folder / f"{BIG}.part").exists()
    download(folder, limits=QUICK)
    expect_whole(folder, hub)


def test_a_page_in_place_of_an_answer_to_a_question_is_told_as_one(hub: MockHub, folder: Path) -> None:
    for subject in ("auth-check", "revision", "whoami"):
        hub.fail(subject, *[login_redirect(hub)] * 9, place="hub")
        with pytest.raises(HubError) as caught:
            engine.weights.hub_account() if subject == "whoami" else download(folder, limits=QUICK)
        assert (caught.value.problem, caught.value.detail) == ("login_page", "127.0.0.1")
        hub.heal()
    assert not folder.exists()


def test_a_part_that_was_spoilt_on_the_disk_goes_only_when_another_is_there(hub: MockHub, folder: Path) -> None:
    """The rest comes, and its checksum is wrong, however often it is asked for; then all of it is fetched beside."""
    held = BIG_BYTES // 2
    begin(hub, folder, BIG, held)
    with (folder / f"{BIG}.part").open("r+b") as part:
        part.write(b"spoilt")
    spoilt = (folder / f"{BIG}.part").read_bytes()
    for n_answers in range(5):
        if not list(folder.glob("*-doubted")):
            hub.fail(BIG, *[Cut(BIG_BYTES)] * n_answers, Cut(1000), *[Answer(503)] * 9, place="storage")
            with pytest.raises(HubError):
                download(folder, limits=QUICK)
            hub.heal()
    (doubted,) = folder.glob("*-doubted")
    assert doubted.read_bytes()[:held] == spoilt
    assert engine.weights.unfinished_download(folder) is not None
    download(folder, limits=QUICK)
    expect_whole(folder, hub)


# --- the file is really another


def test_a_changed_file_is_fetched_beside_and_the_old_part_waits(hub: MockHub, folder: Path) -> None:
    """Until the new one is there: the Hub, or who speaks for it, may change its mind."""
    held = BIG_BYTES * 999 // 1000
    begin(hub, folder, BIG, held)
    old = dict(hub.files)
    begun = hub.head
    hub.push(BIG, bytes(reversed(old[BIG])))
    gone = hub.commits.pop(begun)
    hub.fail(BIG, Cut(1000), *[Answer(503)] * 9, place="storage")
    with pytest.raises(HubError, match="server"):
        download(folder, limits=QUICK)
    assert (folder / f"{BIG}.part").read_bytes() == hub.files[BIG][:1000]
    (kept,) = folder.glob(f"{BIG}.part-*")
    assert kept.read_bytes() == old[BIG][:held]
    hub.heal()
    newer = hub.head
    hub.commit(gone)  # the old content again
    hub.commits.pop(newer)
    hub.bytes_sent.clear()
    download(folder, limits=QUICK)
    expect_whole(folder, hub)
    assert hub.bytes_sent[BIG] == BIG_BYTES - held


def test_discarding_takes_what_was_set_aside_as_well(hub: MockHub, folder: Path) -> None:
    begin(hub, folder, BIG, 500_000)
    begun = hub.head
    hub.push(BIG, bytes(reversed(hub.files[BIG])))
    del hub.commits[begun]
    hub.fail(BIG, Cut(1000), *[Answer(503)] * 9, place="storage")
    with pytest.raises(HubError, match="server"):
        download(folder, limits=QUICK)
    assert engine.weights.discard_download(folder) >= 501_000
    assert not list(folder.parent.rglob("*.part*"))


def test_no_room_for_both_is_told_and_the_old_part_stays(
    hub: MockHub, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = BIG_BYTES * 999 // 1000
    begin(hub, folder, BIG, held)
    begun, old = hub.head, hub.files[BIG]
    hub.push(BIG, bytes(reversed(old)))
    del hub.commits[begun]
    usage = shutil.disk_usage(folder)._replace(free=disk.SPARE_BYTES + BIG_BYTES // 2)
    monkeypatch.setattr(disk.shutil, "disk_usage", lambda _: usage)
    with pytest.raises(OutputError) as caught:
        download(folder, limits=QUICK)
    assert caught.value.problem == "disk_full"
    assert caught.value.kept_bytes == held
    (kept,) = folder.glob(f"{BIG}.part-*")
    assert kept.read_bytes() == old[:held]
    monkeypatch.undo()
