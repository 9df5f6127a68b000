"""The Hub's library, asked through our own client, and what its refusals mean."""

from __future__ import annotations

import contextlib
import functools
import os
import re
import threading
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from engine.errors import HubError
from engine.files.checkpoint_files import reading
from engine.weights.places import endpoint, is_offline
from engine.weights.proxies import proxy_for
from engine.weights.tokens import Token, saved_token
from engine.weights.values import HubAccount, TokenSource

if TYPE_CHECKING:
    from huggingface_hub import HfApi

MAX_NUMBER_DIGITS = 15
MAX_NAME_CHARACTERS = 100
"""Of an account: it is shown."""
_LIBRARY_LOCK = threading.Lock()


def hub_api(token: Token | None) -> HfApi:
    """Make the library's interface to the Hub, which asks with `token`, or without any."""
    hub = library()
    from engine.weights.client import PRODUCT, product_version

    return hub.HfApi(
        endpoint=endpoint(),
        token=token.text if token else False,
        library_name=PRODUCT,
        library_version=product_version(),
    )


def headers_for(token: Token | None) -> dict[str, str]:
    """Make the headers of a request that say who asks."""
    hub = library()
    from engine.weights.client import PRODUCT, product_version

    return hub.utils.build_hf_headers(
        token=token.text if token else False, library_name=PRODUCT, library_version=product_version()
    )


def library() -> Any:
    """Import the Hub's library, once, set up to send no telemetry, write no log, and ask through our client."""
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


def ask_account(token: Token) -> HubAccount:
    """Ask whose `token` is. Raises `HubError`."""
    with asking(token):
        name = hub_api(token).whoami()["name"]
    shown = "".join(sign for sign in str(name) if sign.isprintable())[:MAX_NAME_CHARACTERS]
    return HubAccount(shown, token.source)


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
    """Turn what calls of the Hub's library raise in the block into `HubError`.

    Beside what `hub_errors` knows, it trips over an answer that is not the Hub's: a page where JSON should be, JSON
    with other fields, nested too deeply, with numbers that are text.
    """
    try:
        with hub_errors(token), reading():
            yield
    except ValueError as error:
        raise HubError("server", "the answer cannot be read") from error


def _words(error: Exception) -> str:
    """Return what the system said, without its number in brackets before."""
    return re.sub(r"^\[[^]]*\] *", "", str(error))


def status_error(status: int, headers: Mapping[str, str], token: Token | None) -> HubError:
    """Make the `HubError` that an answer with an error's `status` means."""
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
    """Return for how many seconds the Hub wants to be left alone: a Retry-After, or the window of its RateLimit
    header."""
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
    """Parse a header's whole number; None where it is none, or longer than anything that is counted."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= MAX_NUMBER_DIGITS else None


def _proxy() -> str | None:
    """The proxy that stands before the Hub, as host and port; None where there is none."""
    with contextlib.suppress(HubError):
        proxy = proxy_for(endpoint())
        return proxy.shown if proxy is not None else None
    return ""
