"""Logging in and out."""

from collections.abc import Iterator

from engine.types import CancelToken
from engine.weights.values import BrowserLogin, HubAccount


def log_in(token: str) -> HubAccount:
    raise NotImplementedError


def log_out() -> None:
    raise NotImplementedError


def log_in_with_browser(cancel: CancelToken) -> Iterator[BrowserLogin | HubAccount]:
    raise NotImplementedError
