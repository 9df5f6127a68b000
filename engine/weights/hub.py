"""Questions to the Hub: whose a token is, whether it opens S1 Mini, what files there are."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from engine.errors import HubError
from engine.weights.background import Background
from engine.weights.find import CHECKPOINT_FILES, OPTIONAL_FILES, REPOSITORIES
from engine.weights.hub_library import ask_account, asking, headers_for, hub_api, library, number
from engine.weights.places import endpoint
from engine.weights.records import Plan, RemoteFile, is_size
from engine.weights.tokens import Token, find_token
from engine.weights.values import DownloadLimits, HubAccount

if TYPE_CHECKING:
    pass

T = TypeVar("T")

NEWEST = "main"
"""The revision that is downloaded when nobody names one; it is resolved to a commit once a download."""
PROBE = "config.json"
"""The file that every checkpoint has, and that costs nothing to ask for."""


def hub_account(given: str | None = None, limits: DownloadLimits | None = None) -> HubAccount:
    """Ask the Hub whose token `given` is; None takes the environment's or the saved one. Raises `HubError`."""
    token = find_token(given)
    if token is None:
        raise HubError("no_token")
    return patiently(lambda: ask_account(token), limits)


def check_licence(given: str | None = None, limits: DownloadLimits | None = None) -> None:
    """Check that the account may download S1 Mini. Raises `HubError` where it may not."""
    token = find_token(given)
    patiently(lambda: ask_repository(token), limits)


def patiently(call: Callable[[], T], limits: DownloadLimits | None) -> T:
    """Return the result of one question, or give it up after a while: some of the library's calls would wait for ever.
    Raises `HubError`."""
    question = Background(call)
    if not question.wait((limits or DownloadLimits()).stall_s):
        raise HubError("stalled")
    return question.result()


# --- each of these blocks: it asks the Hub once


def ask_repository(token: Token | None) -> str:
    """Ask under which name the Hub has S1 Mini and lets this token read it. Raises `HubError`."""
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
        hub_api(token).auth_check(repository)


def _ask_first_file(token: Token | None, repository: str) -> None:
    """The same of a mirror that does not know the Hub's own question."""
    _ask_file(token, repository, NEWEST, PROBE)


def ask_files(token: Token | None, repository: str, revision: str) -> tuple[str, tuple[RemoteFile, ...]]:
    """Ask for the commit that `revision` leads to, and the checkpoint's files in it. Raises `HubError`.

    A mirror's list may have no sizes and no checksums, or may be missing: then the Hub is asked about each file.
    """
    commit, listed = revision, {}
    try:
        with asking(token):
            found = hub_api(token).model_info(repository, revision=revision, files_metadata=True)
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
    """Read what a list says of a file; None where that is not its size and a checksum."""
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


def ask_plan(token: Token | None, repository: str, asked: str | None, begun: Plan | None) -> Plan:
    """Ask what to download: what the unfinished download `begun` was about, unless another revision is `asked` for.

    Where the Hub no longer has the commit of `begun`, the revision that it was asked as is taken. Raises `HubError`.
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


def _is_digest(text: Any, n_digits: int) -> bool:
    return isinstance(text, str) and re.fullmatch(rf"[0-9a-f]{{{n_digits}}}", text) is not None
