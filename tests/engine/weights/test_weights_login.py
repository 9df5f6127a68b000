"""Logging in to the Hub, in each of its ways, and what is told when that does not work. The token stays a secret."""

from __future__ import annotations

import contextlib
import errno
import io
import logging
import os
import stat
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from pathlib import Path

import mock_hub
import pytest
from mock_hub import ACCOUNT, TOKEN, Answer, MockHub, Silence

import engine
import engine.weights
from engine import CancelToken, HubError, OutputError
from engine.weights import BrowserLogin, DownloadLimits, HubAccount, TokenSource
from engine.weights import hub as hub_questions
from engine.weights import login as login_steps

WRONG = "hf_ATokenThatIsWrong"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "hub-home"


@pytest.fixture
def hub(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MockHub]:
    """A hub on which nobody is logged in."""
    source = tmp_path / "repository"
    mock_hub.write_repository(source)
    with MockHub(source) as hub:
        hub.enter(monkeypatch, home)
        yield hub


def refusal(problem: str, *, token: str | None = None) -> HubError:
    """What asking whose token it is comes to."""
    with pytest.raises(HubError) as caught:
        engine.weights.hub_account(token)
    assert caught.value.problem == problem
    assert not any(secret in "".join(traceback.format_exception(caught.value)) for secret in (TOKEN, WRONG))
    return caught.value


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


# --- with a token


def test_a_good_token_is_kept_for_the_user_alone(hub: MockHub, home: Path) -> None:
    assert engine.weights.token_source() is None
    assert engine.weights.log_in(f"  {TOKEN}\n") == HubAccount(ACCOUNT, TokenSource.GIVEN)
    assert (home / "token").read_text() == TOKEN
    assert (mode_of(home / "token"), mode_of(home)) == (0o600, 0o700)
    assert [path.name for path in home.iterdir()] == ["token"]
    assert engine.weights.token_source() is TokenSource.SAVED
    assert engine.weights.hub_account() == HubAccount(ACCOUNT, TokenSource.SAVED)
    assert {request.authorization for request in hub.asked("whoami")} == {f"Bearer {TOKEN}"}


@pytest.mark.usefixtures("hub")
def test_a_token_that_others_could_read_is_replaced_by_one_that_they_cannot(home: Path) -> None:
    home.mkdir()
    (home / "token").write_text("an old one")
    (home / "token").chmod(0o644)
    engine.weights.log_in(TOKEN)
    assert mode_of(home / "token") == 0o600


@pytest.mark.usefixtures("hub")
def test_a_bad_token_is_told_and_not_kept(home: Path) -> None:
    refusal("no_token")
    with pytest.raises(HubError) as caught:
        engine.weights.log_in(WRONG)
    assert (caught.value.problem, caught.value.token_source) == ("bad_token", "given")
    assert not home.exists()
    engine.weights.log_in(TOKEN)
    with pytest.raises(HubError):
        engine.weights.log_in(WRONG)
    assert (home / "token").read_text() == TOKEN


@pytest.mark.parametrize("text", ["", "  ", "two words", "hf_tökén", "hf_\x7f", "hf_a\nhf_b", "hf_\0"])
def test_what_no_token_looks_like_goes_nowhere(hub: MockHub, home: Path, text: str) -> None:
    """It would be part of a header; and what a library says of a header that cannot be would tell the token."""
    with pytest.raises(HubError) as caught:
        engine.weights.log_in(text)
    assert caught.value.problem == "bad_token"
    assert not text.strip() or text.strip() not in f"{caught.value} {caught.value!r}"
    assert hub.requests == []
    assert not home.exists()


@pytest.mark.usefixtures("hub")
def test_whose_fault_a_wrong_token_is(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    """Given, in the environment, saved; and the wrong one in the environment that hides a good one."""
    assert refusal("bad_token", token=WRONG).token_source == "given"
    monkeypatch.setenv("HF_TOKEN", WRONG)
    assert refusal("bad_token").token_source == "environment"
    home.mkdir()
    (home / "token").write_text("hf_AnotherWrongOne")
    assert refusal("bad_token").token_source == "environment"
    (home / "token").write_text(TOKEN)
    assert refusal("environment_token").token_source == "environment"
    with pytest.raises(HubError, match="environment_token"):
        engine.weights.check_licence()
    monkeypatch.setenv("HF_TOKEN", "no token at all")
    assert refusal("environment_token").token_source == "environment"
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    assert engine.weights.hub_account() == HubAccount(ACCOUNT, TokenSource.ENVIRONMENT)
    monkeypatch.delenv("HF_TOKEN")
    assert engine.weights.hub_account() == HubAccount(ACCOUNT, TokenSource.SAVED)
    (home / "token").write_text(WRONG)
    assert refusal("bad_token").token_source == "saved"


def test_the_saved_token_can_be_asked_for_where_the_environment_hides_it(
    hub: MockHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine.weights.log_in(TOKEN)
    monkeypatch.setenv("HF_TOKEN", WRONG)
    saved = engine.weights.saved_token_text()
    assert saved == TOKEN
    assert engine.weights.hub_account(saved).name == ACCOUNT
    engine.weights.check_licence(saved)
    assert hub.asked("auth-check")[-1].authorization == f"Bearer {TOKEN}"


# --- where it is kept


@pytest.mark.usefixtures("hub")
def test_where_the_environment_wants_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As the Hub's own programs do."""
    engine.weights.log_in(TOKEN)

    def library_finds() -> str:
        return in_a_child("import huggingface_hub; print(huggingface_hub.get_token())", dict(os.environ)).stdout.strip()

    assert library_finds() == TOKEN
    monkeypatch.setenv("HF_TOKEN_PATH", str(tmp_path / "elsewhere" / "my-token"))
    assert engine.weights.token_source() is None
    engine.weights.log_in(TOKEN)
    assert (tmp_path / "elsewhere" / "my-token").read_text() == TOKEN == library_finds()
    monkeypatch.delenv("HF_TOKEN_PATH")
    monkeypatch.delenv("HF_HOME")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert engine.weights.token_source() is None
    engine.weights.log_in(TOKEN)
    assert (tmp_path / "cache" / "huggingface" / "token").read_text() == TOKEN == library_finds()


def test_logging_out_forgets_it_everywhere_and_leaves_others(hub: MockHub, home: Path) -> None:
    engine.weights.log_out()  # nobody was logged in
    engine.weights.log_in(TOKEN)
    (home / "stored_tokens").write_text(f"[mine]\nhf_token = {TOKEN}\n\n[work]\nhf_token = hf_work\n")
    engine.weights.log_out()
    assert engine.weights.token_source() is None
    assert TOKEN not in (home / "stored_tokens").read_text()
    assert "hf_work" in (home / "stored_tokens").read_text()
    assert mode_of(home / "stored_tokens") == 0o600
    assert [path.name for path in home.iterdir()] == ["stored_tokens"]
    assert len(hub.requests) == 1  # logging out asks nobody


@pytest.mark.usefixtures("hub")
def test_a_token_that_cannot_be_kept_is_told(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home.write_text("a file is in the way", encoding="utf-8")
    with pytest.raises(OutputError):
        engine.weights.log_in(TOKEN)
    assert home.read_text(encoding="utf-8") == "a file is in the way"
    monkeypatch.setenv("HF_HOME", "/proc/no-such-place")
    with pytest.raises(OutputError):
        engine.weights.log_in(TOKEN)


# --- what stands between the account and the model


def test_the_licence(hub: MockHub) -> None:
    with pytest.raises(HubError, match="no_token"):
        engine.weights.check_licence()
    engine.weights.log_in(TOKEN)
    hub.licence_accepted = False
    with pytest.raises(HubError, match="licence_not_accepted"):
        engine.weights.check_licence()
    assert engine.weights.hub_account().name == ACCOUNT  # the account is good all the same
    hub.licence_accepted = True
    engine.weights.check_licence()


def test_a_token_that_may_not_read_such_repositories(hub: MockHub) -> None:
    """A fine-grained one, as many make them; the account may have accepted the licence."""
    engine.weights.log_in(TOKEN)
    reason = "Please enable access to public gated repositories in your token's settings."
    hub.fail("auth-check", Answer(403, {"X-Error-Message": reason}))
    with pytest.raises(HubError) as caught:
        engine.weights.check_licence()
    error = caught.value
    assert (error.problem, error.detail, error.token_source) == ("token_forbids", reason, "saved")
    hub.fail("auth-check", Answer(403))  # something on the way that is not the Hub
    with pytest.raises(HubError, match="status 403"):
        engine.weights.check_licence()


def test_the_repository_has_had_two_names(hub: MockHub) -> None:
    engine.weights.log_in(TOKEN)
    hub.repo = mock_hub.RENAMED_REPO
    engine.weights.check_licence()
    assert [request.path.split("/models/")[1] for request in hub.asked("auth-check")] == [
        f"{mock_hub.REPO}/auth-check",
        f"{mock_hub.RENAMED_REPO}/auth-check",
    ]
    hub.licence_accepted = False  # under its new name
    with pytest.raises(HubError, match="licence_not_accepted"):
        engine.weights.check_licence()
    hub.repo = "fishaudio/a-third-name"
    with pytest.raises(HubError, match="not_found") as caught:
        engine.weights.check_licence()
    assert mock_hub.REPO in caught.value.detail


# --- when the Hub cannot be asked


def test_nobody_there(hub: MockHub, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    assert refusal("network", token=TOKEN).detail == os.strerror(errno.ECONNREFUSED)
    with pytest.raises(HubError, match="network"):
        engine.weights.log_in(TOKEN)
    assert not home.exists()
    monkeypatch.setenv("HF_ENDPOINT", f"{hub.url}/")  # with a slash at its end
    assert engine.weights.log_in(TOKEN).name == ACCOUNT


@pytest.mark.parametrize("name", ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"])
def test_offline_by_wish_asks_nobody(hub: MockHub, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "1")
    refusal("offline", token=TOKEN)
    with pytest.raises(HubError, match="offline"):
        engine.weights.log_in(TOKEN)
    with pytest.raises(HubError, match="offline"):
        list(engine.weights.log_in_with_browser(CancelToken()))
    assert hub.requests == []
    monkeypatch.setenv(name, "0")
    assert engine.weights.log_in(TOKEN).name == ACCOUNT


def test_a_hub_that_says_nothing_or_nonsense(hub: MockHub) -> None:
    hub.fail("whoami", Silence())
    with pytest.raises(HubError, match="stalled"):
        hub_questions.hub_account(TOKEN, DownloadLimits(stall_s=0.2))
    hub.fail("whoami", Answer(200))  # JSON without a name
    refusal("server", token=TOKEN)
    hub.fail("whoami", Answer(503))
    assert refusal("server", token=TOKEN).detail == "status 503"
    hub.fail("whoami", Answer(429, {"Retry-After": "7"}))
    assert refusal("rate_limited", token=TOKEN).retry_after_s == 7
    hub.fail("whoami", Answer(429, {"RateLimit": '"api";r=0;t=55'}))  # the Hub's own way
    assert refusal("rate_limited", token=TOKEN).retry_after_s == 55
    hub.fail("whoami", Answer(429))
    assert refusal("rate_limited", token=TOKEN).retry_after_s is None


def in_a_child(script: str, environment: dict[str, str], given: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", script], input=given, env=environment, capture_output=True, encoding="utf-8", check=True
    )


@pytest.mark.parametrize("variable", ["http_proxy", "HTTP_PROXY", "all_proxy"])
@pytest.mark.usefixtures("hub")
def test_a_proxy_that_is_not_there_is_named_without_its_password(
    variable: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(variable, "http://user:secret@127.0.0.1:9")
    with pytest.raises(HubError) as caught:
        engine.weights.log_in(TOKEN)
    error = caught.value
    assert (error.problem, error.detail) == ("proxy", "127.0.0.1:9")
    assert "secret" not in "".join((repr(error), *traceback.format_exception(error), *capfd.readouterr()))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    assert engine.weights.log_in(TOKEN).name == ACCOUNT


def test_a_proxy_that_wants_a_password(hub: MockHub) -> None:
    """A mock hub plays one: whatever it is asked, it says 407."""
    hub.fail("whoami", Answer(407))
    assert refusal("proxy", token=TOKEN).detail == ""


# --- through the browser


def browse(cancel: CancelToken | None = None) -> list[BrowserLogin | HubAccount]:
    return list(engine.weights.log_in_with_browser(cancel or CancelToken()))


def test_a_code_typed_in_the_browser_logs_in(hub: MockHub, home: Path) -> None:
    login, account = browse()
    assert isinstance(login, BrowserLogin)
    assert login.url.startswith(hub.url)
    assert login.code in login.url
    assert (login.code, login.expires_in_s) == (hub.browser.user_code, hub.browser.expires_in_s)
    assert account == HubAccount(ACCOUNT, TokenSource.SAVED)
    assert len(hub.asked("token")) == 3  # twice it was not yet typed
    assert (home / "token").read_text() == TOKEN
    assert mode_of(home / "token") == 0o600


@pytest.mark.parametrize(
    ("outcome", "problem"),
    [("access_denied", "login_denied"), ("expired_token", "login_expired"), ("invalid_client", "server")],
)
def test_a_login_that_the_browser_ends(hub: MockHub, home: Path, outcome: str, problem: str) -> None:
    hub.browser.outcome = outcome
    with pytest.raises(HubError, match=problem):
        browse()
    assert not home.exists()


def test_a_code_that_nobody_types_expires(hub: MockHub) -> None:
    hub.browser.pending, hub.browser.expires_in_s = 1_000_000, 0.2
    with pytest.raises(HubError, match="login_expired"):
        browse()


def test_a_hub_that_wants_to_be_asked_less_often(hub: MockHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(login_steps, "SLOWER_S", 0.3)
    asked_at: list[float] = []
    real_rest = login_steps._rest

    def rest(seconds: float, cancel: CancelToken) -> bool:
        asked_at.append(seconds)
        if len(asked_at) == 2:
            hub.browser.outcome = "token"
        return real_rest(seconds, cancel)

    monkeypatch.setattr(login_steps, "_rest", rest)
    hub.browser.pending, hub.browser.outcome = 0, "slow_down"
    assert isinstance(browse()[-1], HubAccount)
    assert asked_at == pytest.approx([0.05, 0.35])


def test_faults_while_the_code_is_typed_are_outlived(hub: MockHub) -> None:
    hub.fail("token", Answer(500), Answer(503), Answer(404))
    assert isinstance(browse()[-1], HubAccount)
    assert len(hub.asked("token")) == 6


@pytest.mark.parametrize("fault", [Answer(200), Answer(404), Answer(500)], ids=lambda fault: fault.status)
def test_a_hub_without_such_a_login(hub: MockHub, fault: Answer) -> None:
    hub.fail("device", fault)
    with pytest.raises(HubError, match="server"):
        browse()


@pytest.mark.parametrize("is_silent", [False, True], ids=["between two questions", "in a question"])
def test_giving_up_waits_for_nobody(hub: MockHub, home: Path, is_silent: bool) -> None:
    hub.browser.pending = 1_000_000
    if is_silent:
        hub.fail("token", Silence())
    else:
        hub.browser.interval_s = 30
    cancel = CancelToken()
    steps = engine.weights.log_in_with_browser(cancel)
    assert isinstance(next(steps), BrowserLogin)
    threading.Timer(0.2, cancel.cancel).start()
    began_s = time.monotonic()
    assert list(steps) == []
    assert time.monotonic() - began_s < 15  # it is 0.3 s; a machine that is busy may take longer, but never 30 s
    assert not home.exists()


# --- a secret


def test_the_token_is_in_no_log_and_no_value(hub: MockHub, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Everything that logs is told to say all it knows; the library says all of it in a process of its own below."""
    caplog.set_level(logging.DEBUG)
    for name in list(logging.root.manager.loggerDict):
        caplog.set_level(logging.DEBUG, logger=name)
    said = io.StringIO()
    with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
        told: list[object] = [
            engine.weights.log_in(TOKEN),
            *browse(),
            engine.weights.hub_account(),
            engine.weights.token_source(),
        ]
        told += engine.weights.download_checkpoint(tmp_path / "checkpoint", CancelToken())
        for problem in (Answer(401), Answer(403, {"X-Error-Code": "GatedRepo"}), Answer(500)):
            hub.fail("auth-check", problem)
            with pytest.raises(HubError) as caught:
                engine.weights.check_licence()
            told.append("".join(traceback.format_exception(caught.value)))
    assert caplog.records, "nothing was logged, so nothing was looked at"
    everything = f"{caplog.text} {told!r} {said.getvalue()}"
    assert TOKEN not in everything
    assert hub.asked("model.pth", "storage")
    assert "secret-of-the-storage" not in f"{told!r} {said.getvalue()}"
    written = [path for path in (tmp_path / "checkpoint").rglob("*") if path.is_file()]
    assert not any(TOKEN.encode() in path.read_bytes() for path in written)


def test_the_librarys_own_debugging_does_not_show_it(hub: MockHub, tmp_path: Path) -> None:
    script = f"""
import logging, sys, engine.weights, pathlib
logging.basicConfig(level=logging.DEBUG, stream=sys.stderr)
engine.weights.log_in(sys.stdin.readline())
folder = pathlib.Path({str(tmp_path / "checkpoint")!r})
for progress in engine.weights.download_checkpoint(folder, engine.CancelToken()):
    print(progress)
"""
    done = in_a_child(script, {**os.environ, "HF_DEBUG": "1", "HF_HUB_VERBOSITY": "debug"}, TOKEN)
    assert "DownloadStage.DONE" in done.stdout
    assert "DEBUG" in done.stderr
    assert TOKEN not in done.stdout + done.stderr
    assert hub.asked("whoami")


def test_the_library_is_told_to_keep_to_itself(hub: MockHub) -> None:
    """No telemetry: what is asked of the hub is what was wished, and nothing else."""
    script = f"""
import engine.weights
engine.weights.log_in("{TOKEN}")
engine.weights.check_licence()
import huggingface_hub
print(huggingface_hub.constants.HF_HUB_DISABLE_TELEMETRY)
"""
    assert in_a_child(script, dict(os.environ)).stdout == "True\n"
    assert [request.subject for request in hub.requests] == ["whoami", "auth-check"]
