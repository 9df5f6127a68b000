"""Questions to the Hub, and its answers' meaning: whose a token is, whether it opens S1 Mini, what files there are."""

from __future__ import annotations

import contextlib
import functools
import os
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from engine.errors import HubError
from engine.files.checkpoint_files import reading
from engine.weights.background import Background
from engine.weights.find import CHECKPOINT_FILES, OPTIONAL_FILES, REPOSITORIES
from engine.weights.places import endpoint, is_offline
from engine.weights.proxies import proxy_for
from engine.weights.records import Plan, RemoteFile, is_size
from engine.weights.tokens import Token, find_token, saved_token
from engine.weights.values import DownloadLimits, HubAccount, TokenSource

if TYPE_CHECKING:
    from huggingface_hub import HfApi

T = TypeVar("T")

NEWEST = "main"
"""The revision that is downloaded when nobody names one; it is resolved to a commit once a download."""
PROBE = "config.json"
"""The file that every checkpoint has, and that costs nothing to ask for."""
MAX_NUMBER_DIGITS = 15
MAX_NAME_CHARACTERS = 100
"""Of an account: it is shown."""
_LIBRARY_LOCK = threading.Lock()


def hub_account(given: str | None = None, limits: DownloadLimits | None = None) -> HubAccount:
    """Whose the token is. Raises `HubError`."""
    token = find_token(given)
    if token is None:
        raise HubError("no_token")
    return patiently(lambda: ask_account(token), limits)


def check_licence(given: str | None = None, limits: DownloadLimits | None = None) -> None:
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
    with asking(token):
        name = _api(token).whoami()["name"]
    shown = "".join(sign for sign in str(name) if sign.isprintable())[:MAX_NAME_CHARACTERS]
    return HubAccount(shown, token.source)


def ask_repository(token: Token | None) -> str:
    """The name under which the Hub has S1 Mini, and lets this token read it. Raises `HubError`."""
    for may_read in (_ask_licence, _ask_first_file):
        for repository in REPOSITORIES:
            try:
                may_read(token, repository)
            except HubError as error:
                if error.problem != "not_found":
                    raise
            else:
                return repository
    raise HubError("not_found", " or ".join(REPOSITORIES))


def _ask_licence(token: Token | None, repository: str) -> None:
    with asking(token):
        _api(token).auth_check(repository)


def _ask_first_file(token: Token | None, repository: str) -> None:
    """The same of a mirror that does not know the Hub's own question."""
    _ask_file(token, repository, NEWEST, PROBE)


def ask_files(token: Token | None, repository: str, revision: str) -> tuple[str, tuple[RemoteFile, ...]]:
    """The commit that `revision` leads to, and the checkpoint's files in it. Raises `HubError`.

    A mirror's list may have no sizes and no checksums, or there is none: then each file is asked for its own.
    """
    commit, listed = revision, {}
    try:
        with asking(token):
            found = _api(token).model_info(repository, revision=revision, files_metadata=True)
            commit = str(found.sha or revision)
            listed = {file.rfilename: _promise(file) for file in found.siblings or ()}
    except HubError as error:
        if error.problem != "not_found":
            raise
    promised = []
    for name in (*CHECKPOINT_FILES, *OPTIONAL_FILES):
        if name in OPTIONAL_FILES and listed and name not in listed:
            continue
        file = listed.get(name)
        if file is None:
            try:
                commit, file = _ask_file(token, repository, commit, name)
            except HubError as error:
                if error.problem == "not_found" and name in OPTIONAL_FILES:
                    continue
                raise
        promised.append(file)
    return commit, tuple(promised)


def _promise(file: Any) -> RemoteFile | None:
    """What a list says of a file; None where that is not its size and a checksum."""
    sha256, sha1 = file.lfs.sha256 if file.lfs else None, file.blob_id or ""
    is_known = _is_digest(sha256, 64) if sha256 is not None else _is_digest(sha1, 40)
    if not is_known or not is_size(file.size) or not file.size:
        return None
    return RemoteFile(file.rfilename, file.size, sha256, sha1 if _is_digest(sha1, 40) else "")


def _ask_file(token: Token | None, repository: str, revision: str, name: str) -> tuple[str, RemoteFile]:
    """The commit, and what the answer to a question about the file alone promises. Raises `HubError`."""
    hub = library()
    from engine.weights.client import PRODUCT, product_version

    with asking(token):
        found = hub.get_hf_file_metadata(
            hub.hf_hub_url(repository, name, revision=revision, endpoint=endpoint()),
            timeout=DownloadLimits().stall_s,
            token=token.text if token else False,
            library_name=PRODUCT,
            library_version=product_version(),
            endpoint=endpoint(),
        )
        size, etag = found.size, found.etag or ""
        commit = found.commit_hash or revision
        if size is None:  # it leads elsewhere and says nothing of the file; the token stays here
            headers = headers_for(None) | {"Accept-Encoding": "identity"}
            there = hub.get_session().head(found.location, headers=headers, timeout=DownloadLimits().stall_s)
            size = number(there.headers.get("Content-Length", ""))
            etag = etag or there.headers.get("ETag", "").removeprefix("W/").strip('"')
    if not is_size(size) or not size:
        raise HubError("server", f"no size for {name}")
    sha256 = etag if _is_digest(etag, 64) else None
    sha1 = etag if _is_digest(etag, 40) else ""
    return commit, RemoteFile(name, size, sha256, sha1, "" if sha256 or sha1 else etag)


def _is_digest(text: Any, n_digits: int) -> bool:
    return isinstance(text, str) and re.fullmatch(rf"[0-9a-f]{{{n_digits}}}", text) is not None


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
    from engine.weights.client import PRODUCT, product_version

    return hub.HfApi(
        endpoint=endpoint(),
        token=token.text if token else False,
        library_name=PRODUCT,
        library_version=product_version(),
    )


def headers_for(token: Token | None) -> dict[str, str]:
    """Who asks, in a request's headers."""
    hub = library()
    from engine.weights.client import PRODUCT, product_version

    return hub.utils.build_hf_headers(
        token=token.text if token else False, library_name=PRODUCT, library_version=product_version()
    )


def library() -> Any:
    """The Hub's library, told to keep to itself, and to ask through our client."""
    with _LIBRARY_LOCK:
        return _prepared_library()


@functools.cache
def _prepared_library() -> Any:
    """Once a process: another client would cut the questions that are under way."""
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")  # read when it is imported
    import huggingface_hub

    from engine.weights.client import make_client

    huggingface_hub.logging.set_verbosity_error()
    huggingface_hub.set_client_factory(make_client)
    return huggingface_hub


# --- what went wrong


@contextlib.contextmanager
def hub_errors(token: Token | None) -> Iterator[None]:
    """Turn what the HTTP library raises in the block into `HubError`."""
    if is_offline():
        raise HubError("offline")
    import httpx2
    from huggingface_hub.errors import OfflineModeIsEnabled

    try:
        yield
    except OfflineModeIsEnabled as error:
        raise HubError("offline") from error
    except httpx2.HTTPStatusError as error:
        raise status_error(error.response.status_code, error.response.headers, token) from error
    except httpx2.ProxyError as error:
        raise HubError("proxy", _proxy() or "") from error
    except (httpx2.ReadTimeout, httpx2.WriteTimeout) as error:
        raise HubError("stalled") from error
    except httpx2.RemoteProtocolError as error:
        raise HubError("network", "the connection ended early") from error
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        proxy = _proxy()
        if proxy is not None and isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout):
            raise HubError("proxy", proxy) from error
        raise HubError("network", _words(error)) from error


@contextlib.contextmanager
def asking(token: Token | None) -> Iterator[None]:
    """The same around calls of the Hub's library, which also trips over an answer that is not the Hub's: a page where
    JSON should be, JSON with other fields, nested too deeply, with numbers that are text."""
    try:
        with hub_errors(token), reading():
            yield
    except ValueError as error:
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
    if status == 511:  # a network's own word for its log-in page (RFC 6585)
        return HubError("login_page")
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
    limit = re.search(r'"\w+"\s*;\s*r\s*=\s*0+\s*;\s*t\s*=\s*(\d+)', headers.get("RateLimit", ""), re.ASCII)
    return _seconds(limit[1]) if limit else None


def _seconds(text: str) -> float | None:
    """A Retry-After that is a number of seconds; the Hub sends no dates."""
    found = number(text)
    return None if found is None else float(found)


def number(text: str) -> int | None:
    """A header's whole number; None where it is none, or longer than anything that is counted."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= MAX_NUMBER_DIGITS else None


def _proxy() -> str | None:
    """The proxy that stands before the Hub, as host and port; None where there is none."""
    with contextlib.suppress(HubError):
        proxy = proxy_for(endpoint())
        return proxy.shown if proxy is not None else None
    return ""
