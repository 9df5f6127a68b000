"""The access token: given, in the environment, or saved where the Hub's programs save it. It is never shown."""

from __future__ import annotations

import configparser
import io
import os
from dataclasses import dataclass
from pathlib import Path

from engine.errors import HubError
from engine.files.disk import as_output_error, write_whole
from engine.weights.places import token_path
from engine.weights.values import TokenSource


@dataclass(frozen=True, slots=True)
class Token:
    """Hold an access token. `text` is the secret; the representation leaves it out, so that no log or traceback shows
    it."""

    text: str
    source: TokenSource

    def __repr__(self) -> str:
        return f"Token(source={self.source.value!r})"

    def __post_init__(self) -> None:
        """Raises `HubError`: what no token looks like must not get into a header, nor into the error about it."""
        if not self.text.isascii() or not self.text.isprintable() or " " in self.text:
            raise HubError("bad_token", token_source=self.source)


def find_token(given: str | None) -> Token | None:
    """Find the token to use: `given`, else the environment's, else the saved one. Raises `HubError`."""
    if given is not None:
        if not given.strip():
            raise HubError("bad_token", token_source=TokenSource.GIVEN)
        return Token(given.strip(), TokenSource.GIVEN)
    for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"):
        if text := os.environ.get(name, "").strip():
            return _environment_token(text)
    return saved_token()


def _environment_token(text: str) -> Token:
    """Raises `HubError`: "environment_token" where what is no token hides one."""
    try:
        return Token(text, TokenSource.ENVIRONMENT)
    except HubError:
        if saved_token() is None:
            raise
        raise HubError("environment_token", token_source=TokenSource.ENVIRONMENT) from None


def saved_token() -> Token | None:
    """Read the saved token; None where there is none. Raises `HubError` where it cannot be one."""
    try:
        text = token_path().read_text(encoding="utf-8", errors="replace").strip()
    except OSError:  # there is none, or it is not for us to read
        return None
    return Token(text, TokenSource.SAVED) if text else None


def token_source() -> TokenSource | None:
    """Say where the token comes from that would be used, without asking the Hub about it; None where there is none.

    Raises `HubError` where it cannot be one.
    """
    token = find_token(None)
    return token.source if token else None


def saved_token_text() -> str | None:
    """Return the saved token itself, for who wants it used though the environment names another; show it to nobody.

    Raises `HubError` where what is saved cannot be one.
    """
    token = saved_token()
    return token.text if token else None


def save_token(text: str) -> None:
    """Save the token `text`, readable for the user alone. Raises `OutputError`."""
    write_whole(token_path(), text.encode(), make_folders=True)


def forget_token() -> None:
    """Remove the saved token, from the library's list of tokens by name as well. Raises `OutputError`."""
    try:
        saved = saved_token()
    except HubError:
        saved = None
    path = token_path()
    with as_output_error(path):
        path.unlink(missing_ok=True)
    if saved is not None:
        _forget_by_name(path.with_name("stored_tokens"), saved.text)


def _forget_by_name(path: Path, text: str) -> None:
    """Out of the file (INI, a section a token) in which `hf auth login` keeps all tokens; others stay."""
    names = configparser.ConfigParser(interpolation=None)
    try:
        names.read(path, encoding="utf-8")
    except (configparser.Error, UnicodeDecodeError):
        return  # the library starts such a file anew
    meant = [name for name in names.sections() if names[name].get("hf_token") == text]
    for name in meant:
        names.remove_section(name)
    if meant:
        rest = io.StringIO()
        names.write(rest)
        write_whole(path, rest.getvalue().encode())
