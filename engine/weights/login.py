"""Logging in to the Hub, with a token or through the browser, and out again."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from engine.errors import HubError
from engine.files.json_files import parse_json
from engine.types import CancelToken
from engine.weights.background import Background
from engine.weights.hub import patiently
from engine.weights.hub_library import ask_account, hub_errors, library
from engine.weights.places import endpoint
from engine.weights.tokens import find_token, forget_token, save_token
from engine.weights.values import BrowserLogin, DownloadLimits, HubAccount, TokenSource

POLL_S = 0.05
MAX_LOGIN_S = 86_400.0
"""Nobody types a code for longer than a day."""
SLOWER_S = 5.0
"""By how much the Hub wants to be asked less often when it says "slow_down" (RFC 8628, section 3.5)."""


def log_in(text: str) -> HubAccount:
    """Check `token` with the Hub, then keep it where the Hub's own programs do, for the user alone. Raises `HubError`,
    `OutputError`."""
    token = find_token(text)
    assert token is not None
    account = patiently(lambda: ask_account(token), None)
    save_token(token.text)
    return account


def log_out() -> None:
    """Forget the saved token; nothing happens where there is none. Raises `OutputError`."""
    forget_token()


def log_in_with_browser(cancel: CancelToken) -> Iterator[BrowserLogin | HubAccount]:
    """Yield the page and the code, then, once the person has typed it there, the account; its token is kept.

    This is the device grant of RFC 8628.

    Blocks in between; a cancelled run just ends. Raises `HubError`, `OutputError`.
    """
    limits = DownloadLimits()
    begun = patiently(lambda: _post("device", {}, limits), limits)
    login, form, interval_s = _begin(begun)
    deadline = time.monotonic() + login.expires_in_s
    yield login
    while time.monotonic() < deadline:
        if not _rest(interval_s, cancel):
            return
        question = Background(lambda: _post("token", form, limits))
        while not question.wait(POLL_S):
            if cancel.cancelled:
                return
        try:
            answer = question.result()
        except HubError as error:
            if error.problem in ("network", "stalled", "server", "rate_limited", "login_page"):
                continue  # it passes; the code stays good until its time is over
            raise
        if text := answer.get("access_token"):
            account = log_in(str(text))
            yield HubAccount(account.name, TokenSource.SAVED)
            return
        interval_s += _judge(str(answer.get("error")))
    raise HubError("login_expired")


def _begin(begun: dict[str, Any]) -> tuple[BrowserLogin, dict[str, str], float]:
    """The page and the code, what to ask with, and how often. Raises `HubError` where the answer has no such things."""
    address = begun.get("verification_uri_complete") or begun.get("verification_uri")
    words = [address, begun.get("user_code"), begun.get("device_code")]
    times = [begun.get("expires_in", 900), begun.get("interval", 5)]
    if (
        not all(isinstance(word, str) and word.isprintable() for word in words)
        or not str(address).startswith(("https://", "http://"))  # it is opened in the browser
        or not all(type(time_s) in (int, float) and 0 <= time_s <= MAX_LOGIN_S for time_s in times)
    ):
        raise HubError("server", "the answer cannot be read")
    form = {"grant_type": "urn:ietf:params:oauth:grant-type:device_code", "device_code": str(words[2])}
    return BrowserLogin(str(address), str(words[1]), float(times[0])), form, float(times[1])


def _judge(error: str) -> float:
    """Return by how much longer to wait before the next question. Raises `HubError` where there is none to ask."""
    if error == "slow_down":
        return SLOWER_S
    if error == "access_denied":
        raise HubError("login_denied")
    if error == "expired_token":
        raise HubError("login_expired")
    if error != "authorization_pending":
        raise HubError("server", error)
    return 0.0


def _rest(seconds: float, cancel: CancelToken) -> bool:
    """Wait, and return whether the time has passed; False as soon as it is cancelled."""
    until_s = time.monotonic() + seconds
    while (left_s := until_s - time.monotonic()) > 0:
        if cancel.cancelled:
            return False
        time.sleep(min(POLL_S, left_s))
    return not cancel.cancelled


def _post(what: str, form: dict[str, str], limits: DownloadLimits) -> dict[str, Any]:
    """One question; an error of OAuth's is an answer like others. Raises `HubError`."""
    hub = library()
    from engine.weights.client import ANY_STATUS

    with hub_errors(None):
        response = hub.get_session().post(
            f"{endpoint()}/oauth/{what}",
            data={"client_id": hub.constants.DEVICE_CODE_OAUTH_CLIENT_ID, **form},
            timeout=limits.stall_s,
            extensions={ANY_STATUS: True},
        )
    try:
        answer = parse_json(response.content)
    except ValueError as error:
        raise HubError("server", f"status {response.status_code}") from error
    if not isinstance(answer, dict) or response.status_code >= 500 or response.status_code == 404:
        raise HubError("server", f"status {response.status_code}")
    return answer
