"""Questions to the Hub, and its answers' meaning: whose a token is, whether it opens S1 Mini, what files there are."""

from __future__ import annotations

import contextlib
import os
import re
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from engine.errors import HubError
from engine.weights.background import Background
from engine.weights.find import CHECKPOINT_FILES, OPTIONAL_FILES, REPOSITORIES
from engine.weights.places import endpoint, is_offline
from engine.weights.records import Plan, RemoteFile
from engine.weights.tokens import Token, find_token, saved_token
from engine.weights.values import DownloadLimits, HubAccount, TokenSource

if TYPE_CHECKING:
    from huggingface_hub import HfApi

T = TypeVar("T")

NEWEST = "main"
"""The revision that is downloaded when nobody names one; it is resolved to a commit once a download."""


def hub_account(given: str | None, limits: DownloadLimits | None = None) -> HubAccount:
    """Whose the token is. Raises `HubError`."""
    token = find_token(given)
    if token is None:
        raise HubError("no_token")
    return patiently(lambda: ask_account(token), limits)


def check_licence(given: str | None, limits: DownloadLimits | None = None) -> None:
    """Raises `HubError` where the account may not download S1 Mini."""
    token = find_token(given)
    patiently(lambda: ask_repository(token), limits)


def patiently(call: Callable[[], T], limits: DownloadLimits | None) -> T:
    """The result of one question; some of the library's calls would wait for ever. Raises `HubError`."""
    question = Background(call)
    if not question.wait((limits or DownloadLimits()).stall_s):
        raise HubError("stalled")
    return question.result()


# --- each of these blocks: it asks the Hub once


def ask_account(token: Token) -> HubAccount:
    """Raises `HubError`."""
    with hub_errors(token), _readable():
        return HubAccount(str(_api(token).whoami()["name"]), token.source)


def ask_repository(token: Token | None) -> str:
    """The name under which the Hub has S1 Mini, and lets this token read it. Raises `HubError`."""
    for repository in REPOSITORIES:
        try:
            with hub_errors(token):
                _api(token).auth_check(repository)
        except HubError as error:
            if error.problem != "not_found":
                raise
        else:
            return repository
    raise HubError("not_found", " or ".join(REPOSITORIES))


def ask_files(token: Token | None, repository: str, revision: str) -> tuple[str, tuple[RemoteFile, ...]]:
    """The commit that `revision` leads to, and the checkpoint's files in it. Raises `HubError`."""
    with hub_errors(token), _readable():
        found = _api(token).model_info(repository, revision=revision, files_metadata=True)
    files = {file.rfilename: file for file in found.siblings or ()}
    promised = []
    for name in (*CHECKPOINT_FILES, *OPTIONAL_FILES):
        file = files.get(name)
        if file is None:
            if name in OPTIONAL_FILES:
                continue
            raise HubError("not_found", f"{name} in {repository}")
        if not found.sha or not file.size or not file.blob_id:
            raise HubError("server", f"no size or no checksum for {name}")
        promised.append(RemoteFile(name, file.size, file.lfs.sha256 if file.lfs else None, file.blob_id))
    return str(found.sha), tuple(promised)


def ask_plan(token: Token | None, repository: str, asked: str | None, begun: Plan | None) -> Plan:
    """What to download: what an unfinished download `begun` here was about, unless something else is `asked`.

    Where the Hub no longer has the commit of `begun`, it is what that was asked as. Raises `HubError`.
    """
    if begun is not None and asked in (None, begun.asked):
        try:
            return Plan(repository, begun.asked, *ask_files(token, repository, begun.revision))
        except HubError as error:
            if error.problem != "not_found":
                raise
            asked = begun.asked
    asked = asked or NEWEST
    return Plan(repository, asked, *ask_files(token, repository, asked))


def _api(token: Token | None) -> HfApi:
    hub = library()
    return hub.HfApi(
        endpoint=endpoint(),
        token=token.text if token else False,
        library_name="lectern",
        library_version=version("lectern"),
    )


def library() -> Any:
    """The Hub's library, told to keep to itself: no telemetry, no words on standard error."""
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")  # read when it is imported
    import huggingface_hub

    huggingface_hub.logging.set_verbosity_error()
    return huggingface_hub


# --- what went wrong


@contextlib.contextmanager
def hub_errors(token: Token | None) -> Iterator[None]:
    """Whatever the library and its HTTP raise in the block is a `HubError`."""
    if is_offline():
        raise HubError("offline")
    import httpx2
    from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled

    try:
        yield
    except OfflineModeIsEnabled as error:
        raise HubError("offline") from error
    except HfHubHTTPError as error:
        raise status_error(error.response.status_code, error.response.headers, token) from error
    except httpx2.ProxyError as error:
        raise HubError("proxy", _proxy() or "") from error
    except (httpx2.ReadTimeout, httpx2.WriteTimeout) as error:
        raise HubError("stalled") from error
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        proxy = _proxy()
        if proxy is not None and isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout):
            raise HubError("proxy", proxy) from error
        raise HubError("network", _words(error)) from error


@contextlib.contextmanager
def _readable() -> Iterator[None]:
    """A page where JSON should be, or JSON with other fields, is a `HubError`."""
    try:
        yield
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise HubError("server", "the answer cannot be read") from error


def _words(error: Exception) -> str:
    """What the system said, without its number in brackets before."""
    return re.sub(r"^\[[^]]*\] *", "", str(error))


def status_error(status: int, headers: Mapping[str, str], token: Token | None) -> HubError:
    """What an answer with an error's status means."""
    code = headers.get("X-Error-Code", "")
    if status == 401:
        return _refused(token)
    if status == 403 and code == "GatedRepo":
        return HubError("licence_not_accepted")
    if status == 403 and (reason := headers.get("X-Error-Message")):  # without a reason it is not the Hub that says it
        return HubError("token_forbids", reason, token_source=token.source if token else "")
    if status == 404:
        return HubError("not_found", headers.get("X-Error-Message", ""))
    if status == 407:
        return HubError("proxy", _proxy() or "")
    if status == 429:
        return HubError("rate_limited", retry_after_s=_rest_s(headers))
    return HubError("server", f"status {status}", retry_after_s=_seconds(headers.get("Retry-After", "")))


def _refused(token: Token | None) -> HubError:
    """The Hub did not take `token`; asks it about the saved one, where the environment's hides that."""
    if token is None:
        return HubError("no_token")
    if token.source is TokenSource.ENVIRONMENT:
        with contextlib.suppress(HubError):
            saved = saved_token()
            if saved is not None and saved.text != token.text:
                ask_account(saved)
                return HubError("environment_token", token_source=token.source)
    return HubError("bad_token", token_source=token.source)


def _rest_s(headers: Mapping[str, str]) -> float | None:
    """How long the Hub wants to be left alone: a Retry-After, or the window of its RateLimit header."""
    seconds = _seconds(headers.get("Retry-After", ""))
    if seconds is not None:
        return seconds
    limit = library().utils.parse_ratelimit_headers(headers)
    return float(limit.reset_in_seconds) if limit is not None and limit.remaining == 0 else None


def _seconds(text: str) -> float | None:
    """A Retry-After that is a number of seconds; the Hub sends no dates."""
    return float(text) if text.strip().isdecimal() else None


def _proxy() -> str | None:
    """The proxy that stands before the Hub, as host and port, without its password; None where there is none."""
    address = urlsplit(endpoint())
    if urllib.request.proxy_bypass(address.hostname or ""):
        return None
    proxies = urllib.request.getproxies()
    named = proxies.get(address.scheme) or proxies.get("all")
    if not named:
        return None
    try:
        found = urlsplit(named if "//" in named else f"//{named}")
        return f"{found.hostname}:{found.port}" if found.port else str(found.hostname)
    except ValueError:
        return ""
