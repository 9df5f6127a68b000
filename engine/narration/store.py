"""The sounds of a project: a file for each sentence, and a log that says what is in them.

The log is only ever appended to, a line at a time, after the file it speaks of is in its place. A process that is
killed leaves at most a torn last line and a file beside its place: both go when the project is opened next, and the
sentence is spoken again. A power cut may leave names without their content: lines since the last one that was known to
be on the disk are checked against their files.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Collection, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from engine.errors import NarrationError
from engine.files.disk import as_output_error, sync_folder
from engine.files.json_files import build_from_json, checked, parse_object
from engine.narration.checks import Measures
from engine.narration.sound_file import HEADER_BYTES, PART, checksum, read_sound, sync_file, write_sound

LOG_NAME = "sentences.jsonl"
AUDIO_FOLDER = "audio"
SYNC_EVERY_S = 5.0
"""So much work a power cut may cost. Waiting for the disk after every sentence would double the built-in voice's time
on a slow one."""


@dataclass(frozen=True, slots=True)
class Take:
    """Describe one attempt at a sentence that has a file.

    `chars` is the weight by which its rate is measured; `problem` is the engine's own doubt. `words` says where its
    words are (`word_places`); "" where nobody knows: an earlier Lectern did not ask.
    """

    key: str
    attempt: int
    n_samples: int
    crc32: int
    chars: float
    compute_s: float
    seed: int | None
    problem: str | None
    measures: Measures
    words: str = ""

    def __post_init__(self) -> None:
        """Its file is one of the project's, whoever wrote the log. Raises ValueError."""
        _check_key(self.key)
        if self.attempt < 0 or self.n_samples < 0:
            raise ValueError("a take's numbers count")

    @property
    def name(self) -> str:
        """Return the name of its file."""
        return f"{self.key}-{self.attempt}.wav" if self.attempt else f"{self.key}.wav"


@dataclass(frozen=True, slots=True)
class Failure:
    """Name a sentence that the engine could not speak at all: the kind of the error, and its fields in words."""

    key: str
    kind: str
    detail: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """Say which attempt was kept in the end, and what is still doubtful about it."""

    key: str
    attempt: int
    doubts: tuple[str, ...]


_KEY = re.compile(r"[0-9A-Za-z_]{1,64}")


def _check_key(key: str) -> None:
    """A key is a file's name, which cannot leave its folder. Raises ValueError."""
    if not _KEY.fullmatch(key):
        raise ValueError(f"no sentence is called {key[:80]!r}")


class SoundStore:
    """Open the store of one project folder. With `is_writer`, whoever opens it holds the project's lock."""

    def __init__(self, folder: Path, *, is_writer: bool) -> None:
        """Raises `OutputError`, and `NarrationError` ("damaged") where the log cannot be read."""
        self._folder = folder
        self._audio = folder / AUDIO_FOLDER
        self._log_path = folder / LOG_NAME
        self._takes: dict[str, dict[int, Take]] = {}
        self._failures: dict[str, Failure] = {}
        self._verdicts: dict[str, Verdict] = {}
        self._unsynced: list[Path] = []
        self._synced_s = time.monotonic()
        self._log_file: int | None = None
        self._is_writer = is_writer
        n_whole_bytes, doubtful = self._read_log()
        if is_writer:
            self._repair(n_whole_bytes, doubtful)

    # --- what is there

    def take(self, key: str) -> Take | None:
        """Return the attempt that counts: the one that was chosen, else the first; None where there is none."""
        takes = self._takes.get(key)
        if not takes:
            return None
        verdict = self._verdicts.get(key)
        if verdict is not None and verdict.attempt in takes:
            return takes[verdict.attempt]
        return takes[min(takes)]

    def takes(self, key: str) -> tuple[Take, ...]:
        """Return all attempts, in their order; the files of those that were not chosen are gone."""
        return tuple(take for _, take in sorted(self._takes.get(key, {}).items()))

    def failure(self, key: str) -> Failure | None:
        """Return why the sentence cannot be spoken; None where it can, or was not tried."""
        return self._failures.get(key)

    def verdict(self, key: str) -> Verdict | None:
        """Return which attempt was chosen; None where nothing was decided."""
        return self._verdicts.get(key)

    def is_settled(self, key: str) -> bool:
        """Return whether there is nothing to do for the sentence: it has a sound, or cannot have one."""
        return key in self._takes or key in self._failures

    def path(self, take: Take) -> Path:
        """Return the path of a take's file, in folders of about a hundredth of the book each, so that none has
        thousands of files."""
        return self._audio / take.key[:2] / take.name

    def read(self, take: Take) -> np.ndarray:
        """Read a take's sound, int16 `(n_samples,)`, as it was written.

        Raises `NarrationError` ("damaged") where it no longer is that; it is forgotten then, so that the next run
        speaks it again.
        """
        path = self.path(take)
        try:
            pcm = read_sound(path)
        except (OSError, ValueError):
            pcm = None
        if pcm is None or len(pcm) != take.n_samples or checksum(pcm) != take.crc32:
            if self._is_writer:
                self.forget(take.key)
            raise NarrationError("damaged", self._folder, str(path))
        return pcm

    def forget_damaged(self, takes: Iterable[Take]) -> int:
        """Check every file of `takes`, forget what is no longer what was written, and return how many those are."""
        damaged = {take.key for take in takes if not self._is_whole(take, thoroughly=True)}
        for key in damaged if self._is_writer else ():
            self.forget(key)
        return len(damaged)

    # --- what comes in

    def add(self, take: Take, pcm: np.ndarray) -> None:
        """Keep a take and its sound, int16 `(n_samples,)`. Raises `OutputError`; the store is as it was then."""
        path = self.path(take)
        with as_output_error(path):
            path.parent.mkdir(parents=True, exist_ok=True)
        write_sound(path, pcm)
        self._append("take", take)
        self._takes.setdefault(take.key, {})[take.attempt] = take
        self._failures.pop(take.key, None)
        self._unsynced.append(path)
        if time.monotonic() - self._synced_s > SYNC_EVERY_S:
            self.sync()

    def fail(self, failure: Failure) -> None:
        """Keep that a sentence cannot be spoken. Raises `OutputError`."""
        self._append("failure", failure)
        self._failures[failure.key] = failure

    def decide(self, verdict: Verdict) -> None:
        """Keep one attempt, and delete the others' files. Raises `OutputError`."""
        self._append("verdict", verdict)
        self._verdicts[verdict.key] = verdict
        for take in self.takes(verdict.key):
            if take.attempt != verdict.attempt:
                self.path(take).unlink(missing_ok=True)

    def forget(self, key: str) -> None:
        """Forget what is known of `key`, because its file is damaged for example: it is to be spoken again. Raises
        `OutputError`."""
        self._append("forget", {"key": key})
        for take in self._forget(key):
            self.path(take).unlink(missing_ok=True)

    def drop_others(self, keys: Collection[str]) -> int:
        """Delete the sounds of all sentences but `keys`, and return how many. Raises `OutputError`."""
        others = [key for key in (*self._takes, *self._failures) if key not in keys]
        for key in others:
            self.forget(key)
        return len(others)

    def sync(self) -> None:
        """Return when all is on the disk. Raises `OutputError`."""
        folders = {path.parent for path in self._unsynced}
        for path in self._unsynced:
            sync_file(path)
        for folder in (*folders, self._audio) if folders else ():
            with as_output_error(folder):
                sync_folder(folder)
        if self._unsynced:
            self._append("synced", {})
        if self._log_file is not None:
            with as_output_error(self._log_path):
                os.fsync(self._log_file)
        self._unsynced.clear()
        self._synced_s = time.monotonic()

    def close(self) -> None:
        """Sync, and let go of the log. Raises `OutputError`."""
        try:
            self.sync()
        finally:
            self.abandon()

    def abandon(self) -> None:
        """Let go of the log, whether or not all is on the disk."""
        if self._log_file is not None:
            os.close(self._log_file)
            self._log_file = None

    # --- inside

    def _append(self, kind: str, value: Any) -> None:
        """One line, whole or not at all: what a full disk took of it is cut off again."""
        content = value if isinstance(value, dict) else asdict(value)
        line = json.dumps({"is": kind, **content}, separators=(",", ":")).encode() + b"\n"
        with as_output_error(self._log_path):
            if self._log_file is None:
                flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
                self._log_file = os.open(self._log_path, flags, 0o666)
            before = os.fstat(self._log_file).st_size
            try:
                while line:  # a full disk takes a part, and says so at the next call
                    line = line[os.write(self._log_file, line) :]
            except OSError:
                os.ftruncate(self._log_file, before)
                raise

    def _read_log(self) -> tuple[int, list[Take]]:
        """The bytes of whole lines, and the takes that were not known to be on the disk."""
        try:
            data = self._log_path.read_bytes()
        except FileNotFoundError:
            return 0, []
        except OSError as error:
            raise NarrationError("damaged", self._folder, str(self._log_path)) from error
        n_whole_bytes = data.rfind(b"\n") + 1
        doubtful: list[Take] = []
        for line in data[:n_whole_bytes].splitlines():
            self._take_in(line, doubtful)
        return n_whole_bytes, doubtful

    def _take_in(self, line: bytes, doubtful: list[Take]) -> None:
        """A line that says nothing that is understood says nothing; its sentence is spoken again."""
        try:
            values = parse_object(line)
            match values.pop("is"):
                case "take":
                    take = build_from_json(Take, values)
                    self._takes.setdefault(take.key, {})[take.attempt] = take
                    self._failures.pop(take.key, None)
                    doubtful.append(take)
                case "failure":
                    failure = build_from_json(Failure, values)
                    self._failures[failure.key] = failure
                case "verdict":
                    verdict = build_from_json(Verdict, values)
                    self._verdicts[verdict.key] = verdict
                case "forget":
                    self._forget(checked(str, values["key"]))
                case "synced":
                    doubtful.clear()
        except (ValueError, KeyError):
            return

    def _forget(self, key: str) -> tuple[Take, ...]:
        takes = self.takes(key)
        self._takes.pop(key, None)
        self._failures.pop(key, None)
        self._verdicts.pop(key, None)
        return takes

    def _repair(self, n_whole_bytes: int, doubtful: list[Take]) -> None:
        with as_output_error(self._log_path):
            if self._log_path.exists() and self._log_path.stat().st_size > n_whole_bytes:
                os.truncate(self._log_path, n_whole_bytes)
            for folder in self._audio.glob("*"):
                for part in folder.glob(f"*{PART}"):
                    part.unlink(missing_ok=True)
        known = {take.name: take for takes in self._takes.values() for take in takes.values()}
        suspects = {take.name for take in doubtful}
        for take in self._kept(known.values()):
            if not self._is_whole(take, thoroughly=take.name in suspects):
                self.forget(take.key)

    def _kept(self, takes: Collection[Take]) -> Iterator[Take]:
        """Those whose files should be there."""
        for take in tuple(takes):
            verdict = self._verdicts.get(take.key)
            if verdict is None or verdict.attempt == take.attempt:
                yield take

    def _is_whole(self, take: Take, *, thoroughly: bool) -> bool:
        path = self.path(take)
        try:
            if path.stat().st_size != HEADER_BYTES + 2 * take.n_samples:
                return False
            return not thoroughly or checksum(read_sound(path)) == take.crc32
        except (OSError, ValueError):
            return False
