"""`lectern download`, `login`, `logout` and `checkpoint` as processes, against a hub on loopback."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import mock_hub
import numpy as np
import pytest
from mock_hub import ACCOUNT, TOKEN, Answer, Cut, Hold, MockHub, Reply
from ready import Command, Ready
from socks_proxy import SocksProxy
from waiting import LIMIT_S, wait_until

import engine
import engine.audio
import engine.weights

TINY = Path(__file__).parents[1] / "golden" / "tiny_s1" / "checkpoint"
BIG, BIG_BYTES = "model.pth", mock_hub.NOISE_BYTES["model.pth"]
WRONG = "hf_ATokenThatIsWrong"


class Computer:
    """A computer with Lectern's command, folders of its own, and a hub to reach."""

    def __init__(self, lectern: Any, hub: MockHub, home: Path) -> None:
        self.lectern, self.hub = lectern, hub
        self.hub_home = home / "hub"
        self.data = home / "data"
        self.config = home / "config"
        self.environment = hub.environment(self.hub_home) | {
            "XDG_DATA_HOME": str(self.data),
            "XDG_CONFIG_HOME": str(self.config),
        }
        lectern.environment = self.environment
        self.own = engine.weights.download_folder(self.data / "lectern")

    def log_in(self) -> None:
        self.hub_home.mkdir(exist_ok=True)
        (self.hub_home / "token").write_text(TOKEN)

    def run(self, *arguments: str | Path, code: int = 0, given: str = "") -> str:
        """What is said on standard error."""
        done = self.lectern(*arguments, stdin=given.encode(), limit_s=LIMIT_S)
        said = done.stderr.decode()
        assert done.returncode == code, said
        assert "Traceback" not in said
        assert TOKEN not in said + done.stdout.decode()
        return said

    def path(self) -> str:
        done = self.lectern("checkpoint", "path")
        assert done.returncode == 0, done.stderr
        return done.stdout.decode().rstrip("\n")

    def choose(self, folder: Path) -> Path:
        """As the window keeps it, in the file that is returned."""
        path = self.config / "lectern" / "settings.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"version": 1, "checkpoint_folder": str(folder)}))
        return path

    @contextmanager
    def held(self, *arguments: str | Path, after_bytes: int = 500_000) -> Iterator[Command]:
        """A download that hangs in the middle of its biggest file."""
        self.hub.fail(BIG, Hold(after_bytes))
        with self.lectern.start("download", *arguments) as process:
            self.hub.wait_until_sent(BIG, after_bytes)
            wait_until(lambda: part_bytes(self.own) == after_bytes, "all that was sent is there", LIMIT_S)
            yield process
            self.hub.release()


def part_bytes(folder: Path) -> int:
    path = folder / f"{BIG}.part"
    return path.stat().st_size if path.exists() else 0


@pytest.fixture
def computer(lectern: Any, tmp_path: Path) -> Iterator[Computer]:
    mock_hub.write_repository(tmp_path / "repository")
    with MockHub(tmp_path / "repository") as hub:
        yield Computer(lectern, hub, tmp_path)


@pytest.fixture
def member(computer: Computer) -> Computer:
    """One who is logged in."""
    computer.log_in()
    return computer


def expect_whole(computer: Computer, folder: Path | None = None) -> None:
    folder = folder or computer.own
    for name in engine.weights.CHECKPOINT_FILES:
        assert (folder / name).read_bytes() == computer.hub.files[name]
    assert {path.name for path in folder.iterdir()} == {*engine.weights.CHECKPOINT_FILES, ".lectern-checkpoint.json"}


# --- download


def test_lines_where_no_line_can_be_taken_back(member: Computer) -> None:
    member.hub.bytes_per_s = 1_500_000
    lines = member.run("download").splitlines()
    assert lines[0] == "Asking Hugging Face"
    assert lines[-1] == f"S1 Mini is in {member.own}, whole and verified."
    assert any(re.fullmatch(r"Downloading \d+ %, .* of 1\.5 MB(, .*)?", line) for line in lines)
    tenths = [int(match[1]) // 10 for line in lines if (match := re.match(r"Downloading (\d+) %", line))]
    assert tenths == sorted(set(tenths)), lines
    assert not any("\r" in line or "\x1b" in line for line in lines)
    expect_whole(member)
    assert member.path() == str(member.own)
    assert member.lectern.files() == []
    member.hub.requests.clear()
    assert "whole and verified" in member.run("download")
    assert member.hub.requests == []


def test_a_bar_on_a_terminal(member: Computer) -> None:
    member.hub.bytes_per_s = 1_500_000
    said = on_a_terminal(member, "download")
    shown = [line for line in said.split("\r\x1b[K") if "▕" in line]
    assert shown, said
    assert all(len(re.findall("[█░]", line)) == 24 for line in shown)
    full = [line.count("█") for line in shown]
    assert full == sorted(full)
    assert full[0] < full[-1]
    assert re.search(r"▏ Downloading \d+ %, \S+ .B of 1\.5 MB", shown[1])
    last = said.split("\r\x1b[K")[-1]
    assert last == f"S1 Mini is in {member.own}, whole and verified.\r\n"


def test_a_bar_fits_a_narrow_terminal(member: Computer) -> None:
    member.hub.bytes_per_s = 1_500_000
    member.environment["COLUMNS"] = "40"
    said = on_a_terminal(member, "download")
    shown = [line for line in said.split("\r\x1b[K") if "▕" in line]
    assert shown
    assert max(map(len, shown)) == 39
    assert shown[-1].endswith("…")


def on_a_terminal(
    computer: Computer, *arguments: str | Path, typed: dict[str, str] | None = None, code: int = 0
) -> str:
    """All that a terminal shows; each of `typed` is typed once its prompt is seen."""
    prompts = dict(typed or {})
    master, slave = pty.openpty()
    try:
        # in a session without a terminal of its own: the password is asked for on standard input
        lectern = computer.lectern
        with lectern.ready.start(arguments, lectern.folder, computer.environment, (slave, slave, slave)) as process:
            os.close(slave)
            said = b""
            while data := _read_some(master):
                said += data
                for prompt in [prompt for prompt in prompts if prompt.encode() in said]:
                    os.write(master, f"{prompts.pop(prompt)}\n".encode())
            found = process.wait(LIMIT_S)
    finally:
        os.close(master)
    assert found == code, said.decode()
    assert prompts == {}
    return said.decode()


def _read_some(master: int) -> bytes:
    """What came; nothing when the other side has ended."""
    assert select.select([master], [], [], LIMIT_S)[0], "nothing came"
    try:
        return os.read(master, 65_536)
    except OSError:  # Linux's way to say that nobody holds the other side
        return b""


def test_a_revision_and_another_folder(member: Computer, tmp_path: Path) -> None:
    first = member.hub.head
    member.hub.push("config.json", b'{"newer": true}')
    there = tmp_path / "there"
    assert f"S1 Mini is in {there}, whole" in member.run("download", "--to", there, "--revision", first)
    assert (there / "config.json").read_bytes() == member.hub.commits[first]["config.json"]
    assert not member.own.exists()
    member.run("download", "--to", there)  # it stays what it is
    assert (there / "config.json").read_bytes() == member.hub.commits[first]["config.json"]
    member.run("download", "--to", there, "--revision", "main")
    expect_whole(member, there)
    said = member.run("download", "--revision", "no-such-branch", code=2)
    assert said.splitlines()[-1].startswith("lectern: Hugging Face does not have what was asked for (")
    assert not member.own.exists()


def test_what_is_elsewhere_is_not_downloaded_again(member: Computer) -> None:
    shutil.copytree(TINY, member.lectern.folder / "mine")
    member.environment["LECTERN_CHECKPOINT"] = str(member.lectern.folder / "mine")
    assert f"S1 Mini is in {member.lectern.folder / 'mine'} already" in member.run("download")
    assert member.hub.requests == []


@pytest.mark.parametrize(
    ("prepare", "sentence"),
    [
        (lambda c: (c.hub_home / "token").unlink(), "only by who is logged in to Hugging Face. Log in: lectern login"),
        (lambda c: (c.hub_home / "token").write_text(WRONG), "does not know the access token that is saved"),
        (lambda c: c.environment.update(HF_TOKEN=WRONG), "HF_TOKEN, which hides the saved one."),
        (lambda c: setattr(c.hub, "licence_accepted", False), "S1 Mini needs its licence accepted on its page."),
        (lambda c: setattr(c.hub, "repo", "fishaudio/third"), "does not have what was asked for"),
        (lambda c: c.environment.update(HF_ENDPOINT="http://127.0.0.1:9"), "cannot be reached (Connection refused)"),
        (lambda c: c.environment.update(http_proxy="http://u:geheim@127.0.0.1:9"), "The proxy lets nothing through"),
        (lambda c: c.environment.update(HF_HUB_OFFLINE="1"), "because HF_HUB_OFFLINE is set."),
        (
            lambda c: c.hub.fail("auth-check", *[Answer(500, {"Retry-After": "0"})] * 9),
            "does not answer as it should (status 500)",
        ),
    ],
    ids=["no token", "bad token", "environment", "licence", "renamed", "network", "proxy", "offline", "server"],
)
def test_what_stands_in_the_way_is_one_sentence(
    member: Computer, prepare: Callable[[Computer], object], sentence: str
) -> None:
    prepare(member)
    said = member.run("download", code=2)
    last = said.splitlines()[-1]
    assert last.startswith("lectern: ")
    assert sentence in last
    assert WRONG not in said
    assert "geheim" not in said
    assert not member.own.exists()


ORDERS = "\x1b]0;owned\x07\x1b[2J\x9b31m\rWelcome\N{RIGHT-TO-LEFT OVERRIDE}"
"""A terminal would take a new title, become empty and red, and show another beginning of the line."""


def expect_no_orders(said: str) -> None:
    said = said.replace("\r\x1b[K", "").replace("\r\n", "\n")  # our own: a line of progress is taken back
    assert not any(sign in said for sign in "\x1b\x07\x9b\r\N{RIGHT-TO-LEFT OVERRIDE}"), repr(said)


def test_what_the_hub_says_is_no_order_to_a_terminal(member: Computer) -> None:
    """Why it refuses, as which account it knows the token, what it calls the code."""
    words = ORDERS.replace("\r", "").encode("utf-8").decode("latin-1")
    member.hub.fail("auth-check", Answer(403, {"X-Error-Message": words}))
    said = on_a_terminal(member, "download", code=2)
    assert "has no right to read S1 Mini" in said
    assert "owned" in said
    expect_no_orders(said)
    member.hub.fail("auth-check", Answer(404, {"X-Error-Message": "long " * 8000}), Answer(404), place="hub")
    member.hub.fail("config.json", Answer(403, {"X-Error-Message": "long " * 8000}), place="hub")
    assert len(member.run("download", code=2)) < 1000
    member.hub.accounts[TOKEN] = f"ada{ORDERS}"
    said = member.run("login", "--token-stdin", given=TOKEN)
    assert said.startswith("Logged in as ada]0;owned[2J31mWelcome.\n")
    member.hub.browser.user_code = f"ABCD{ORDERS}"
    expect_no_orders(member.run("login", "--browser", code=2))


def test_names_that_are_no_text_and_names_that_give_orders(member: Computer, tmp_path: Path) -> None:
    """On a terminal and in a pipe: downloaded into, verified, named in what went wrong, and removed."""
    for name in (b"caf\xe9", "a\x1b[2Jb\u202ec".encode()):
        there = tmp_path / os.fsdecode(name)
        expect_no_orders(on_a_terminal(member, "download", "--to", there))
        expect_whole(member, there)
        expect_no_orders(on_a_terminal(member, "checkpoint", "verify", there))
        member.run("checkpoint", "verify", there)
        member.environment["LECTERN_CHECKPOINT"] = str(there)
        expect_no_orders(on_a_terminal(member, "checkpoint", "path"))
        assert member.path()
        (there / BIG).write_bytes(b"spoilt")
        said = on_a_terminal(member, "checkpoint", "verify", there, code=2)
        assert "is not what was downloaded" in said
        expect_no_orders(said)
        expect_no_orders(on_a_terminal(member, "--debug", "checkpoint", "verify", there, code=2))
        del member.environment["LECTERN_CHECKPOINT"]
        assert "are free again" in member.run("checkpoint", "remove", there)


def test_a_cafes_log_in_page_is_told_and_costs_nothing(member: Computer) -> None:
    """It is waited for, since somebody may log in there meanwhile; stopped or not, what is held is held."""
    page = Reply(200, {"Content-Type": "text/html"}, mock_hub.LOGIN_PAGE)
    member.hub.fail(BIG, Cut(1_200_000), *[page] * 50, place="storage")
    with member.lectern.start("download") as process:
        lines = [b"Asking"]
        while b"log in" not in lines[-1]:
            lines.append(process.stderr.readline())
            assert lines[-1], lines
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=LIMIT_S)
    told = "Another page comes instead of Hugging Face (localhost): most likely this network wants you to log in."
    assert lines[-1].decode().startswith(f"{told} Trying again in ")
    assert part_bytes(member.own) == 1_200_000
    member.hub.heal()
    member.hub.fail("auth-check", *[page] * 9, place="hub")
    said = member.run("download", code=2)
    assert "Open any page in your browser and log in there; what is downloaded by then is kept." in said
    member.hub.heal()
    before = member.hub.bytes_sent[BIG]
    member.run("download")
    expect_whole(member)
    assert member.hub.bytes_sent[BIG] - before == BIG_BYTES - 1_200_000


@pytest.mark.parametrize("variable", ["ALL_PROXY", "https_proxy", "http_proxy"])
def test_login_and_download_through_a_socks_proxy(computer: Computer, variable: str) -> None:
    with SocksProxy() as proxy:
        computer.environment[variable] = f"socks://{proxy.address}/"
        assert f"Logged in as {ACCOUNT}." in computer.run("login", "--token-stdin", given=TOKEN)
        assert "whole and verified" in computer.run("download")
        assert bool(proxy.targets) == (variable != "https_proxy")
    expect_whole(computer)


def test_a_proxy_that_cannot_be_used_is_in_nobodys_way_where_none_is_needed(member: Computer) -> None:
    member.environment["ALL_PROXY"] = "socks4://ada:geheim@127.0.0.1:9"
    said = member.run("download", code=2)
    assert "The proxy (socks4://127.0.0.1:9) is of a kind that Lectern cannot use." in said
    assert "geheim" not in said
    member.environment["no_proxy"] = "localhost,127.0.0.0/8,::1"
    assert "whole and verified" in member.run("download")


def test_a_wait_is_told(member: Computer) -> None:
    member.hub.fail(BIG, Answer(503, {"Retry-After": "1"}))
    for name in set(engine.weights.CHECKPOINT_FILES) - {BIG}:
        member.hub.fail(name, Answer(429, {"Retry-After": "1"}))
    said = member.run("download")
    assert re.search(r"^Hugging Face .*\. Trying again in 1 s\.$", said, re.MULTILINE), said
    expect_whole(member)


# --- stopping and going on


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_ctrl_c_keeps_what_is_there(member: Computer, number: signal.Signals) -> None:
    with member.held() as process:
        process.send_signal(number)
        _, errors = process.communicate(timeout=LIMIT_S)
        assert process.returncode == 128 + number
    said = errors.decode()
    assert said.splitlines()[-1] == "Stopped. What is downloaded stays; the same command goes on with it."
    assert "Traceback" not in said
    go_on(member)


def test_kill_9_keeps_what_is_there(member: Computer) -> None:
    with member.held() as process:
        process.kill()
        process.communicate()
        assert process.returncode == -signal.SIGKILL
    settings = member.choose(member.lectern.folder / "unplugged")
    found = member.lectern("doctor").stdout.decode()
    assert "of 1.5 MB are downloaded" in found
    assert "Hugging Face: an access token is saved on this computer" in found
    assert "--  chosen folder: The folder chosen in Lectern's window is not used." in found
    settings.unlink()
    go_on(member)


def go_on(computer: Computer) -> None:
    """What is left of a download is no checkpoint, and nothing of it is sent again."""
    held = part_bytes(computer.own)
    assert held == 500_000
    assert "S1 Mini is not on this computer." in computer.run("checkpoint", "path", code=2)
    said = computer.run("download")
    assert "whole and verified" in said
    expect_whole(computer)
    assert [request.first_byte for request in computer.hub.asked(BIG, "storage")] == [None, held]
    assert computer.hub.bytes_sent[BIG] == BIG_BYTES


def test_two_at_once_do_each_other_no_harm(member: Computer) -> None:
    with member.held() as process:
        said = member.run("download", code=2)
        assert f"Another download into {member.own} is going on. Wait for it, or stop it." in said
        assert "Another download into" in member.run("checkpoint", "remove", code=2)
        member.hub.release()
        _, errors = process.communicate(timeout=LIMIT_S)
    assert process.returncode == 0, errors
    expect_whole(member)
    assert member.hub.bytes_sent[BIG] == BIG_BYTES


def test_a_download_that_fails_in_the_middle_is_gone_on_with(member: Computer) -> None:
    """The connection is cut, and when it wants to go on the licence is no longer accepted."""

    def withdraw_licence() -> None:
        """Once nothing else is on its way, which would end with it."""
        others = {name: member.hub.files[name] for name in engine.weights.CHECKPOINT_FILES if name != BIG}
        sent = member.hub.bytes_sent
        wait_until(lambda: all(sent[name] >= len(data) for name, data in others.items()), "the rest is sent", LIMIT_S)
        wait_until(lambda: part_bytes(member.own) == 500_000, "all that was sent is there", LIMIT_S)
        member.hub.licence_accepted = False

    member.hub.fail(BIG, Cut(500_000, withdraw_licence), place="storage")
    with member.lectern.start("download") as process:
        _, errors = process.communicate(timeout=LIMIT_S)
    assert process.returncode == 2
    assert "S1 Mini needs its licence accepted on its page." in errors.decode().splitlines()[-1]
    member.hub.licence_accepted = True
    go_on(member)


# --- the token


def test_a_token_through_a_pipe_is_seen_by_nobody(computer: Computer) -> None:
    """Neither in a list of processes, nor in an environment, nor in a file, while a download runs with it."""
    token = f"{TOKEN}ForThisTest"  # others, beside it, have the usual one in their environment
    computer.hub.accounts[token] = ACCOUNT
    computer.hub.fail(BIG, Hold(500_000))
    with computer.lectern.start_anew("download", "--token-stdin") as process:
        process.stdin.write(f"{token}\n".encode())
        process.stdin.close()
        computer.hub.wait_until_sent(BIG, 500_000)
        assert b"--token-stdin" in Path(f"/proc/{process.pid}/cmdline").read_bytes()
        for entry in Path("/proc").glob("[0-9]*"):
            for name in ("cmdline", "environ"):
                assert token.encode() not in read_or_nothing(entry / name), (entry, name)
        computer.hub.release()
        assert process.wait(LIMIT_S) == 0
        assert token.encode() not in process.stdout.read() + process.stderr.read()
    expect_whole(computer)
    assert not computer.hub_home.exists()  # it was for this once
    for folder in (computer.data, computer.lectern.folder):
        assert not any(token.encode() in path.read_bytes() for path in folder.rglob("*") if path.is_file())


def read_or_nothing(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # that process has ended, or is another user's
        return b""


@pytest.mark.parametrize("given", ["", "\n", f"{WRONG}\n", "hf_tökén"])
def test_a_wrong_token_through_a_pipe(computer: Computer, given: str) -> None:
    for command in ("download", "login"):
        said = computer.run(command, "--token-stdin", given=given, code=2)
        assert "Hugging Face does not know the access token. Make a new one at https://" in said
        assert WRONG not in said
    assert not computer.hub_home.exists()
    assert not computer.own.exists()


def test_logging_in_and_out(computer: Computer) -> None:
    assert computer.run("login", "--token-stdin", given=TOKEN) == (
        f"Logged in as {ACCOUNT}.\nThe licence is accepted: lectern download\n"
    )
    assert (computer.hub_home / "token").read_text() == TOKEN
    assert (computer.hub_home / "token").stat().st_mode & 0o777 == 0o600
    computer.run("download")
    assert computer.run("logout") == "Logged out: no access token is saved here.\n"
    assert not (computer.hub_home / "token").exists()
    assert computer.run("logout") == "Logged out: no access token is saved here.\n"
    assert "whole and verified" in computer.run("download")  # what is here needs no account


def test_a_login_says_what_is_still_in_the_way(computer: Computer) -> None:
    computer.hub.licence_accepted = False
    said = computer.run("login", "--token-stdin", given=TOKEN)
    assert said.startswith(
        f"Logged in as {ACCOUNT}.\nS1 Mini needs its licence accepted on its page. Accept it at https:"
    )
    computer.environment["HF_TOKEN"] = WRONG
    said = computer.run("login", "--token-stdin", given=TOKEN)
    assert "HF_TOKEN is used all the same" in said
    assert "HF_TOKEN is still used" in computer.run("logout")


def test_a_typed_token_is_not_shown(computer: Computer) -> None:
    prompt = "Paste it here (it is not shown): "
    said = on_a_terminal(computer, "login", typed={prompt: TOKEN})
    assert "Make an access token that may read at https://" in said
    assert f"Logged in as {ACCOUNT}." in said
    assert TOKEN not in said
    assert (computer.hub_home / "token").read_text() == TOKEN


def test_without_a_terminal_a_token_cannot_be_typed(computer: Computer) -> None:
    assert "use --token-stdin or --browser" in computer.run("login", code=2)


def test_logging_in_through_the_browser(computer: Computer) -> None:
    said = computer.run("login", "--browser")
    assert f"Open {computer.hub.url}/oauth/authorize?user_code=ABCD-1234\nand type the code ABCD-1234 there." in said
    assert f"Logged in as {ACCOUNT}." in said
    assert (computer.hub_home / "token").read_text() == TOKEN
    computer.run("logout")
    computer.hub.browser.pending, computer.hub.browser.outcome = 0, "access_denied"
    assert "The login was refused in the browser." in computer.run("login", "--browser", code=2)


def test_waiting_for_the_browser_can_be_stopped(computer: Computer) -> None:
    computer.hub.browser.pending = 1_000_000
    with computer.lectern.start("login", "--browser") as process:
        wait_until(lambda: len(computer.hub.asked("token")) > 1, "it asks again", LIMIT_S)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=LIMIT_S)
    assert process.returncode == 128 + signal.SIGINT
    assert b"Traceback" not in errors
    assert not computer.hub_home.exists()


# --- checkpoint


def test_a_checkpoint_is_verified_found_and_removed(member: Computer, tmp_path: Path) -> None:
    assert "S1 Mini is not on this computer." in member.run("checkpoint", "verify", code=2)
    member.run("download")
    said = member.run("checkpoint", "verify")
    assert said.splitlines()[-1] == f"The checkpoint in {member.own} is whole."
    with (member.own / BIG).open("r+b") as file:
        file.seek(1000)
        file.write(b"damage")
    said = member.run("checkpoint", "verify", code=2)
    assert f"The checkpoint file {member.own / BIG} is not what was downloaded" in said
    assert "lectern download" in said
    assert "--to" not in said, "it is the usual folder"
    member.run("download")
    expect_whole(member)
    (member.own / "notes.txt").write_text("mine")
    assert f"Removed the checkpoint in {member.own}: 1.5 MB are free again." in member.run("checkpoint", "remove")
    assert [path.name for path in member.own.iterdir()] == ["notes.txt"]
    assert f"There is no checkpoint in {member.own}." in member.run("checkpoint", "remove")
    assert "There is no checkpoint folder" in member.run("checkpoint", "verify", tmp_path / "nowhere", code=2)


def test_what_a_download_left_can_be_removed(member: Computer) -> None:
    with member.held() as process:
        process.kill()
        process.communicate()
    freed = sum(path.stat().st_size for path in member.own.glob("*.part"))
    assert freed > 400_000
    assert "are free again." in member.run("checkpoint", "remove")
    assert not member.own.exists()


def test_files_that_came_another_way_are_checked_by_themselves(computer: Computer) -> None:
    folder = computer.lectern.folder / "mine"
    shutil.copytree(TINY, folder)
    assert "is whole" in computer.run("checkpoint", "verify", folder)
    content = bytearray((folder / "model.pth").read_bytes())
    content[len(content) // 2] ^= 0xFF
    (folder / "model.pth").write_bytes(content)
    assert "is damaged" in computer.run("checkpoint", "verify", folder, code=2)


# --- the folder that was chosen in the window


def test_every_command_uses_the_folder_that_was_chosen(computer: Computer, ready_for_s1: Ready) -> None:
    computer.lectern.ready = ready_for_s1
    chosen = computer.lectern.folder / "chosen place"
    shutil.copytree(TINY, chosen)
    computer.choose(chosen)
    assert computer.path() == str(chosen)
    assert f"The checkpoint in {chosen} is whole." in computer.run("checkpoint", "verify")
    assert f"S1 Mini is in {chosen} already" in computer.run("download")
    assert f"S1 Mini: found in {chosen}\n" in computer.lectern("doctor").stdout.decode()
    with engine.audio.AudioWriter(computer.lectern.folder / "a.wav") as writer:
        writer.write(np.full(44_100, 0.1, np.float32))
    assert "Wrote a.npy" in computer.run("codec", "encode", "a.wav", "a.npy")


@pytest.mark.slow
def test_saying_and_serving_use_it_too(computer: Computer, ready_for_s1: Ready) -> None:
    computer.lectern.ready = ready_for_s1
    chosen = computer.lectern.folder / "chosen"
    shutil.copytree(TINY, chosen)
    computer.choose(chosen)
    said = computer.run("say", "Hi.", "--device", "cpu", "--seed", "1", "-o", "a.wav")
    assert said.startswith("Speaking with S1 Mini.\n")
    with computer.lectern.start("serve", "--device", "cpu", "--listen", "127.0.0.1:0") as process:
        assert process.stderr.readline() == b"Speaking with S1 Mini.\n"
        assert process.stderr.readline().startswith(b"S1 Mini (CPU) answers at ")


def test_a_folder_that_is_named_comes_first_and_one_that_is_gone_is_told(computer: Computer) -> None:
    folder = computer.lectern.folder
    shutil.copytree(TINY, folder / "named")
    computer.choose(folder / "unplugged")
    said = computer.run("checkpoint", "path", code=2)
    assert f"chosen in Lectern's window is not used. There is no checkpoint folder {folder / 'unplugged'}." in said
    computer.environment["LECTERN_CHECKPOINT"] = str(folder / "named")
    assert computer.path() == str(folder / "named")
