"""The download against a hub that fails in every way: afterwards the folder is absent, resumable or whole."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import mock_hub
import pytest
from downloads import (
    BIG,
    BIG_BYTES,
    CHILD,
    PATIENT,
    QUICK,
    SMALL,
    check_locked_state,
    check_state,
    download,
    expect_whole,
    start_child,
)
from mock_hub import TOKEN, Answer, Cut, Flip, Hold, IgnoreRange, MockHub, Silence, WrongLength
from waiting import LIMIT_S, wait_until

import engine
import engine.weights
from engine import CancelToken, HubError, OutputError
from engine.weights import DownloadLimits, DownloadStage
from engine.weights.growth import wait_s


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MockHub]:
    """A repository of small files with noise in them; one is in LFS."""
    source = tmp_path / "repository"
    mock_hub.write_repository(source)
    with MockHub(source) as hub:
        hub.enter(monkeypatch, tmp_path / "hub-home", TOKEN)
        yield hub


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data" / "checkpoint"


def expect_failure(folder: Path, problem: str, limits: DownloadLimits = QUICK) -> HubError:
    with pytest.raises(HubError) as caught:
        download(folder, limits=limits)
    assert caught.value.problem == problem
    assert TOKEN not in "".join((repr(caught.value), *traceback.format_exception(caught.value)))
    return caught.value


# --- all is well


def test_a_download_is_whole_verified_and_told(hub: MockHub, folder: Path) -> None:
    told = download(folder)
    expect_whole(folder, hub)
    assert told[0].stage is DownloadStage.CHECKING
    assert told[-1].stage is DownloadStage.DONE
    total = sum(len(hub.files[name]) for name in engine.weights.CHECKPOINT_FILES)
    assert told[-1].done_bytes == told[-1].total_bytes == total
    done = [progress.done_bytes for progress in told]
    assert done == sorted(done)
    assert engine.weights.unfinished_download(folder) is None
    assert hub.asked("README.md") == []


def test_a_codec_of_other_sizes_comes_with_its_settings(hub: MockHub, folder: Path) -> None:
    hub.push("codec.json", b"{}")
    download(folder)
    assert (folder / "codec.json").read_bytes() == b"{}"
    assert check_state(folder, hub) == "whole"


def test_the_token_goes_to_the_hub_and_to_nobody_else(hub: MockHub, folder: Path) -> None:
    download(folder)
    asked = {place: [r.authorization for r in hub.requests if r.place == place] for place in ("hub", "storage")}
    assert set(asked["hub"]) == {f"Bearer {TOKEN}"}
    assert asked["storage"] == [None]
    assert [r.subject for r in hub.requests if r.place == "storage"] == [BIG]


def test_a_second_download_asks_nobody(hub: MockHub, folder: Path) -> None:
    download(folder)
    hub.requests.clear()
    assert download(folder)[-1].stage is DownloadStage.DONE
    assert hub.requests == []


def test_several_files_come_at_once(hub: MockHub, folder: Path) -> None:
    hub.fail(BIG, Hold(10))
    cancel = CancelToken()
    run = threading.Thread(target=download, args=(folder, None, PATIENT, cancel))
    run.start()
    for name in engine.weights.CHECKPOINT_FILES:
        hub.wait_until_sent(name, 10)  # while the big one is held
    cancel.cancel()
    run.join()
    assert check_state(folder, hub) == "resumable"


def test_files_that_were_put_there_by_hand_are_taken(hub: MockHub, folder: Path) -> None:
    folder.mkdir(parents=True)
    for name in engine.weights.CHECKPOINT_FILES:
        (folder / name).write_bytes(hub.files[name])
    (folder / SMALL).write_bytes(hub.files[SMALL][:-1] + b"?")
    download(folder)
    expect_whole(folder, hub)
    assert [name for name in engine.weights.CHECKPOINT_FILES if hub.bytes_sent[name]] == [SMALL]


def test_a_damaged_file_is_fetched_again_at_the_same_revision(hub: MockHub, folder: Path) -> None:
    download(folder)
    with (folder / BIG).open("r+b") as file:
        file.seek(1000)
        file.write(b"damage")
    with pytest.raises(engine.CheckpointError) as caught:
        list(engine.weights.verify_checkpoint(folder, CancelToken()))
    assert (caught.value.problem, caught.value.name) == ("changed", BIG)
    hub.push(SMALL, b"newer")
    hub.bytes_sent.clear()
    download(folder)
    assert dict(hub.bytes_sent) == {BIG: BIG_BYTES}
    assert (folder / SMALL).read_bytes() != b"newer"
    assert check_state(folder, hub) == "whole"


# --- the hub says no


def test_each_refusal_is_told_apart_and_leaves_nothing(
    hub: MockHub, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.licence_accepted = False
    expect_failure(folder, "licence_not_accepted")
    hub.licence_accepted = True
    monkeypatch.setenv("HF_TOKEN", "hf_wrong")
    assert expect_failure(folder, "bad_token").token_source == "environment"
    monkeypatch.setenv("HF_TOKEN", "no header\x7f takes this")
    expect_failure(folder, "bad_token")
    monkeypatch.delenv("HF_TOKEN")
    expect_failure(folder, "no_token")
    engine.weights.log_in(TOKEN)
    monkeypatch.setenv("HF_TOKEN", "hf_wrong")
    expect_failure(folder, "environment_token")
    monkeypatch.delenv("HF_TOKEN")
    hub.repo = "fishaudio/a-third-name"
    expect_failure(folder, "not_found")
    hub.repo = mock_hub.REPO
    with pytest.raises(HubError, match="not_found"):
        download(folder, revision="nowhere")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    expect_failure(folder, "offline")
    monkeypatch.delenv("HF_HUB_OFFLINE")
    assert not folder.exists()
    download(folder)
    expect_whole(folder, hub)


def test_the_repository_is_found_under_its_new_name(hub: MockHub, folder: Path) -> None:
    hub.repo = mock_hub.RENAMED_REPO
    engine.weights.check_licence()
    download(folder)
    expect_whole(folder, hub)


@pytest.mark.usefixtures("hub")
def test_nobody_there_is_the_network_and_a_dead_proxy_is_the_proxy(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    assert expect_failure(folder, "network").detail == os.strerror(errno.ECONNREFUSED)
    script = "import engine.weights\ntry: engine.weights.check_licence()\nexcept engine.HubError as error: print(error)"
    environment = {**os.environ, "http_proxy": "http://user:secret@127.0.0.1:9"}
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, encoding="utf-8", check=True
    )
    assert "problem='proxy', detail='127.0.0.1:9'" in done.stdout
    assert "secret" not in done.stdout
    assert not folder.exists()


@pytest.mark.parametrize(
    ("fault", "problem", "is_whole"),
    [
        (Answer(401), "bad_token", False),
        (Answer(403, {"X-Error-Code": "GatedRepo"}), "licence_not_accepted", False),
        (Answer(404, {"X-Error-Code": "EntryNotFound"}), "not_found", False),
        (Answer(416), "wrong_answer", True),
        (Answer(429, {"Retry-After": "0"}), "rate_limited", True),
        (Answer(500), "server", True),
        (Answer(503), "server", True),
        (Cut(0), "network", True),
        (Hold(0), "stalled", True),
        (WrongLength(5), "wrong_answer", True),
        (WrongLength(-5), "wrong_answer", True),
        (Flip(123), "corrupt", True),
    ],
    ids=str,
)
@pytest.mark.parametrize("name", [BIG, SMALL])
def test_a_fault_passes_or_is_told(
    hub: MockHub, folder: Path, name: str, fault: mock_hub.Fault, problem: str, is_whole: bool
) -> None:
    """Once, it passes, where waiting is of any use; always, it is an error, and the next run mends it."""
    hub.fail(name, fault)
    if is_whole:
        download(folder)
        expect_whole(folder, hub)
        engine.weights.remove_checkpoint(folder)
    hub.heal()
    hub.fail(name, *([fault] * 20))
    expect_failure(folder, problem)
    assert check_state(folder, hub) in ("absent", "resumable")
    hub.heal()
    download(folder)
    expect_whole(folder, hub)


def test_waits_grow_up_to_their_limit_and_no_further() -> None:
    limits, fault = DownloadLimits(), HubError("network")
    assert [wait_s(fault, n, limits) for n in (1, 2, 3, 7, 8, 5000)] == [1, 2, 4, 60, 60, 60]
    assert wait_s(HubError("corrupt"), 1, limits) is None
    assert wait_s(HubError("server", retry_after_s=7), 5000, limits) == 7


def test_a_hub_that_stalls_again_and_again_is_outlived_while_bytes_come(hub: MockHub, folder: Path) -> None:
    hub.fail(SMALL, *[Hold(1000)] * 4, *[Cut(1000)] * 20)
    download(folder)
    expect_whole(folder, hub)
    assert hub.bytes_sent[SMALL] == len(hub.files[SMALL])


@pytest.mark.parametrize(
    "fault", [Answer(403), Answer(429, {"Retry-After": "0"}), Answer(500), Answer(416)], ids=lambda fault: fault.status
)
def test_the_storage_may_refuse_once(hub: MockHub, folder: Path, fault: Answer) -> None:
    """403 there: the address that the hub gave has expired, and it gives a new one."""
    hub.fail(BIG, fault, place="storage")
    download(folder)
    expect_whole(folder, hub)
    assert len(hub.asked(BIG, "hub")) == 2


def test_the_hub_is_waited_for_as_long_as_it_asks_but_not_for_ever(hub: MockHub, folder: Path) -> None:
    hub.fail("revision", Answer(429, {"Retry-After": "1"}))
    told = download(folder)
    waits = [progress for progress in told if progress.stage is DownloadStage.WAITING]
    assert {progress.problem.problem for progress in waits if progress.problem} == {"rate_limited"}
    assert 0.5 < waits[0].retry_in_s <= 1
    engine.weights.remove_checkpoint(folder)
    hub.fail(SMALL, Answer(429, {"Retry-After": "100000"}))
    assert expect_failure(folder, "rate_limited").retry_after_s == 100_000


def test_an_answer_that_is_no_answer_is_the_servers_fault(hub: MockHub, folder: Path) -> None:
    hub.fail("revision", *[Answer(200)] * 20)
    expect_failure(folder, "server")
    assert not folder.exists()


# --- going on


@pytest.mark.parametrize("name", [BIG, SMALL])
def test_a_connection_that_is_cut_at_every_tenth_loses_nothing(hub: MockHub, folder: Path, name: str) -> None:
    size = len(hub.files[name])
    tenth = size // 10
    hub.fail(name, *[Cut(tenth)] * 10)
    download(folder)
    expect_whole(folder, hub)
    assert hub.bytes_sent[name] == size
    place = "storage" if name == BIG else "hub"
    assert [r.first_byte for r in hub.asked(name, place)] == [None, *range(tenth, size, tenth)]


def test_an_answer_without_a_range_begins_anew(hub: MockHub, folder: Path) -> None:
    hub.fail(SMALL, Cut(30_000), IgnoreRange())
    hub.fail(BIG, Cut(30_000), IgnoreRange())
    download(folder)
    expect_whole(folder, hub)
    assert hub.bytes_sent[SMALL] == len(hub.files[SMALL]) + 30_000
    assert hub.bytes_sent[BIG] == BIG_BYTES + 30_000


def cancelled_in_the_middle(hub: MockHub, folder: Path, name: str, after_bytes: int) -> None:
    """A download that stops there; every other file has come by then."""
    hub.fail(name, Hold(after_bytes))
    cancel = CancelToken()
    run = threading.Thread(target=download, args=(folder, None, PATIENT, cancel))
    run.start()
    for other in engine.weights.CHECKPOINT_FILES:
        hub.wait_until_sent(other, after_bytes if other == name else len(hub.files[other]))

    def is_written() -> bool:
        left = engine.weights.unfinished_download(folder)
        return left is not None and left.done_bytes >= left.total_bytes - len(hub.files[name]) + after_bytes

    wait_until(is_written, "what was sent is on the disk")
    cancel.cancel()
    run.join(5)
    assert not run.is_alive()
    assert check_state(folder, hub) == "resumable"


@pytest.mark.parametrize("name", [BIG, SMALL])
def test_a_cancelled_download_is_gone_on_with(hub: MockHub, folder: Path, name: str) -> None:
    cancelled_in_the_middle(hub, folder, name, 40_000)
    left = engine.weights.unfinished_download(folder)
    assert left is not None
    before = dict(hub.bytes_sent)
    told = download(folder)
    expect_whole(folder, hub)
    first = next(progress for progress in told if progress.total_bytes)
    assert first.done_bytes >= left.done_bytes
    sent = {key: n for key in hub.bytes_sent if (n := hub.bytes_sent[key] - before[key])}
    assert sent == {name: len(hub.files[name]) - 40_000}


def test_what_a_download_left_can_be_deleted_and_nothing_else(hub: MockHub, folder: Path) -> None:
    cancelled_in_the_middle(hub, folder, BIG, 40_000)
    n_bytes = sum(part.stat().st_size for part in folder.glob("*.part"))
    (folder / "codec.pth").write_bytes(b"mine")
    assert engine.weights.discard_download(folder) == n_bytes > 40_000
    assert [path.name for path in folder.iterdir()] == ["codec.pth"]
    assert engine.weights.unfinished_download(folder) is None
    assert engine.weights.discard_download(folder) == 0
    assert engine.weights.discard_download(folder / "nowhere") == 0
    download(folder)
    expect_whole(folder, hub)


@pytest.mark.parametrize("damage", [b"damage", b"too long" * 200_000], ids=["other bytes", "too many"])
@pytest.mark.parametrize("name", [BIG, SMALL])
def test_a_part_that_was_damaged_on_the_disk_is_found_out(hub: MockHub, folder: Path, name: str, damage: bytes) -> None:
    """Whoever did it: what is gone on with is part of the checksum."""
    cancelled_in_the_middle(hub, folder, name, 40_000)
    with (folder / f"{name}.part").open("r+b") as file:
        file.seek(1000)
        file.write(damage)
    download(folder)
    expect_whole(folder, hub)


def test_the_revision_stays_while_a_download_goes_on(hub: MockHub, folder: Path) -> None:
    cancelled_in_the_middle(hub, folder, BIG, 40_000)
    begun = hub.head
    hub.push(BIG, b"another" * 100_000)
    download(folder)
    expect_whole(folder, hub)
    assert (folder / BIG).read_bytes() == hub.commits[begun][BIG]
    assert download(folder, revision="main")[-1].stage is DownloadStage.DONE
    assert (folder / BIG).read_bytes() == hub.files[BIG]
    assert check_state(folder, hub) == "whole"


@pytest.mark.parametrize("name", [BIG, SMALL])
def test_a_revision_that_is_gone_gives_way_and_what_changed_begins_anew(hub: MockHub, folder: Path, name: str) -> None:
    cancelled_in_the_middle(hub, folder, name, 40_000)
    gone = hub.head
    hub.push(name, bytes(reversed(hub.files[name])))
    del hub.commits[gone]
    before = dict(hub.bytes_sent)
    download(folder)
    expect_whole(folder, hub)
    sent = {key: n for key in hub.bytes_sent if (n := hub.bytes_sent[key] - before[key])}
    assert sent == {name: len(hub.files[name])}


@pytest.mark.parametrize("name", [BIG, SMALL])
def test_an_etag_that_changes_between_two_attempts_begins_anew(hub: MockHub, folder: Path, name: str) -> None:
    """Within a run: the content of a commit changes, which should not be."""
    size = len(hub.files[name])
    hub.fail(name, Hold(40_000))
    run = threading.Thread(target=download, args=(folder, None, DownloadLimits(stall_s=0.3, first_wait_s=0.01)))
    run.start()
    hub.wait_until_sent(name, 40_000)
    hub.commits[hub.head][name] = bytes(reversed(hub.files[name]))
    run.join(20)
    n_unread = 0 if name == BIG else size - 40_000  # without LFS they come with the new ETag at once, and are not read
    assert hub.bytes_sent[name] == 40_000 + n_unread + size
    expect_whole(folder, hub)


def test_a_newer_revision_leaves_the_older_one_usable_until_it_is_whole(hub: MockHub, folder: Path) -> None:
    download(folder)
    hub.commit({name: bytes(reversed(data)) for name, data in hub.files.items()})
    hub.fail(BIG, Cut(40_000), *[Answer(500)] * 9, place="storage")
    with pytest.raises(HubError, match="server"):
        download(folder, revision="main")
    hub.heal()
    assert engine.weights.find_checkpoint(folder, folder) == folder
    list(engine.weights.verify_checkpoint(folder, CancelToken()))
    assert engine.weights.unfinished_download(folder) is not None
    download(folder, revision="main")
    expect_whole(folder, hub)
    assert (folder / BIG).read_bytes() == hub.files[BIG]


# --- stopping


@pytest.mark.parametrize("subject", ["auth-check", "revision", BIG, SMALL])
@pytest.mark.parametrize("is_silent", [True, False], ids=["silent", "asks to wait"])
def test_cancelling_waits_for_nobody(hub: MockHub, folder: Path, subject: str, is_silent: bool) -> None:
    """Neither for the beginning of an answer nor until a retry is due: each would take half a minute here."""
    fault = Silence() if is_silent else Answer(500, {"Retry-After": "30"})
    hub.fail(subject, *[fault] * 3, place="hub")
    cancel = CancelToken()
    started_s = 0.0
    for progress in engine.weights.download_checkpoint(folder, cancel, limits=PATIENT):
        asked = bool(hub.asked(subject, "hub"))
        if asked and not cancel.cancelled and (is_silent or progress.stage is not DownloadStage.CHECKING):
            started_s = time.monotonic()
            cancel.cancel()
    assert cancel.cancelled
    assert time.monotonic() - started_s < 15  # it is 0.1 s; a machine that is busy may take longer, but never 30 s
    assert check_state(folder, hub) in ("absent", "resumable")


def test_a_closed_run_writes_nothing_any_more(hub: MockHub, folder: Path) -> None:
    hub.bytes_per_s = 300_000
    run = engine.weights.download_checkpoint(folder, CancelToken(), limits=PATIENT)
    for progress in run:
        if progress.done_bytes > 100_000:
            break
    run.close()  # type: ignore[attr-defined]
    assert check_state(folder, hub) == "resumable"
    sizes = [path.stat().st_size for path in sorted(folder.iterdir())]
    hub.wait_until_sent(BIG, 1)
    assert sizes == [path.stat().st_size for path in sorted(folder.iterdir())]


def wait_for_bytes(path: Path, n_bytes: int) -> None:
    """Until the file has that many; the run that writes it fails the test by its own limits if it does not come."""
    wait_until(lambda: path.exists() and path.stat().st_size >= n_bytes, f"{path} has grown")


def test_nothing_that_a_killed_download_holds_is_sent_again(hub: MockHub, folder: Path) -> None:
    sent = 700_000
    hub.fail(BIG, Hold(sent))
    with start_child(folder) as child:
        hub.wait_until_sent(BIG, sent)
        wait_for_bytes(folder / f"{BIG}.part", sent)
        child.send_signal(signal.SIGKILL)
        child.communicate()
    assert engine.weights.unfinished_download(folder) is not None
    with pytest.raises(engine.CheckpointError):
        engine.weights.find_checkpoint(folder, folder)
    held = (folder / f"{BIG}.part").stat().st_size
    hub.bytes_sent.clear()
    download(folder)  # the dead one's lock does not hold it up
    expect_whole(folder, hub)
    assert [request.first_byte for request in hub.asked(BIG, "storage")] == [None, held]
    assert hub.bytes_sent[BIG] == BIG_BYTES - held


@pytest.mark.slow
def test_a_download_that_is_killed_again_and_again_loses_nothing(hub: MockHub, folder: Path) -> None:
    """At three tenths, six and nine: each goes on at the byte where the one before was killed."""
    places = [BIG_BYTES * tenth // 10 for tenth in (3, 6, 9)]
    ends: list[int] = []
    for place in places:
        hub.fail(BIG, Hold(place - (ends[-1] if ends else 0)))
        with start_child(folder) as child:
            wait_for_bytes(folder / f"{BIG}.part", place)
            child.kill()
            child.communicate()
        ends.append((folder / f"{BIG}.part").stat().st_size)
        assert check_locked_state(folder, hub) == "resumable"
    download(folder)
    expect_whole(folder, hub)
    assert [request.first_byte for request in hub.asked(BIG, "storage")] == [None, *ends]
    assert ends == places
    assert hub.bytes_sent[BIG] == BIG_BYTES


def test_killed_between_the_last_file_and_the_mark_it_is_not_whole_yet(hub: MockHub, folder: Path) -> None:
    """The state is made as the kill would leave it."""
    cancelled_in_the_middle(hub, folder, SMALL, 40_000)
    for part in folder.glob("*.part"):
        part.rename(folder / part.stem)
    (folder / SMALL).write_bytes(hub.files[SMALL])
    with pytest.raises(engine.CheckpointError, match="unfinished"):
        engine.weights.find_checkpoint(folder, folder)
    before = dict(hub.bytes_sent)
    download(folder)
    expect_whole(folder, hub)
    assert dict(hub.bytes_sent) == before


def test_two_processes_at_once_do_each_other_no_harm(hub: MockHub, folder: Path) -> None:
    """The second says "busy", and the first goes on undisturbed."""
    hub.fail(BIG, Hold(100_000))
    with start_child(folder) as child:
        hub.wait_until_sent(BIG, 100_000)
        error = expect_failure(folder, "busy")
        assert error.detail == str(folder)
        with pytest.raises(HubError, match="busy"):
            engine.weights.remove_checkpoint(folder)
        hub.release()
        said, errors = child.communicate(timeout=LIMIT_S)
    assert said.splitlines()[-1] == "done", errors
    expect_whole(folder, hub)
    assert hub.bytes_sent[BIG] == BIG_BYTES


def test_ten_processes_that_start_together_make_one_whole_folder(hub: MockHub, folder: Path) -> None:
    results: list[str] = []

    def run() -> None:
        try:
            results.append(download(folder)[-1].stage)
        except HubError as error:
            results.append(error.problem)

    threads = [threading.Thread(target=run) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(results) <= {"done", "busy"}
    assert "done" in results
    expect_whole(folder, hub)


# --- the disk


@dataclass(frozen=True, slots=True)
class SmallDisk:
    path: Path


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[SmallDisk]:
    """A file system of 20 MB in memory."""
    path = tmp_path / "disk"
    path.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=20m", "tmpfs", path], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("only root can mount a small disk; the limit on a file's size is tested all the same")
    yield SmallDisk(path)
    subprocess.run(["umount", "--lazy", path], check=True)


def fill(path: Path) -> None:
    """Until there is no room."""
    with path.open("wb", buffering=0) as ballast, contextlib.suppress(OSError):
        while True:
            ballast.write(bytes(4096))


def test_a_disk_that_is_too_small_is_told_before(hub: MockHub, small_disk: SmallDisk) -> None:
    (small_disk.path / "ballast").write_bytes(bytes(5_000_000))
    folder = small_disk.path / "checkpoint"
    with pytest.raises(OutputError) as caught:
        download(folder)
    error = caught.value
    assert (error.problem, error.path) == ("disk_full", folder)
    assert error.needed_bytes > error.free_bytes > 10_000_000
    assert not folder.exists()
    (small_disk.path / "ballast").unlink()
    download(folder)
    expect_whole(folder, hub)


def test_a_disk_that_becomes_full_leaves_what_can_be_gone_on_with(hub: MockHub, small_disk: SmallDisk) -> None:
    folder = small_disk.path / "checkpoint"
    hub.fail(BIG, Hold(100_000))
    errors: list[OutputError] = []

    def run() -> None:
        try:
            download(folder, limits=PATIENT)
        except OutputError as error:
            errors.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    hub.wait_until_sent(BIG, 100_000)
    fill(small_disk.path / "ballast")
    hub.release()
    thread.join()
    assert [error.problem for error in errors] == ["disk_full"]
    assert check_state(folder, hub) == "resumable"
    (small_disk.path / "ballast").unlink()
    download(folder)
    expect_whole(folder, hub)


def test_a_write_that_the_system_refuses_leaves_what_can_be_gone_on_with(hub: MockHub, folder: Path) -> None:
    """No file may grow beyond 256 kB: the system says EFBIG in the middle of one."""
    script = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (262_144, 262_144))\n{CHILD}"
    done = subprocess.run([sys.executable, "-c", script, folder], capture_output=True, encoding="utf-8", check=False)
    assert "OutputError: problem='disk_full'" in done.stderr
    assert (folder / f"{BIG}.part").stat().st_size == 262_144
    assert check_state(folder, hub) == "resumable"
    download(folder)
    expect_whole(folder, hub)
    assert hashlib.sha256((folder / BIG).read_bytes()).digest() == hashlib.sha256(hub.files[BIG]).digest()


def test_a_folder_that_cannot_be_made_is_told(hub: MockHub, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OutputError):
        download(tmp_path / "file" / "checkpoint")
    assert hub.bytes_sent[BIG] == 0
