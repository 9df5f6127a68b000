"""Texts from files and pipes: encodings, marks, and what a TEXT argument means."""

import io
from pathlib import Path

import pytest

from desktop.common.errors import InputError
from desktop.common.messages import explain_at_prompt
from desktop.common.text_source import MAX_BYTES, names_a_file, read_text, read_text_file

TEXT = "Grüße, 世界 🌍\nzweite Zeile"


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("utf-16"),
        b"\xfe\xff" + TEXT.encode("utf-16-be"),
        TEXT.replace("\n", "\r\n").encode(),
    ],
    ids=["utf-8", "utf-8 with mark", "utf-16-le", "utf-16-be", "Windows line ends"],
)
def test_encodings_are_told_apart(data: bytes) -> None:
    assert read_text(io.BytesIO(data), "a pipe") == TEXT


@pytest.mark.parametrize(
    ("data", "offset"),
    [
        (b"\xef\xbb\xbfab\xff", 5),
        (b"\xef\xbb\xbfab\xed\xa0\x80", 5),  # a surrogate in UTF-8's clothes
        (b"\xef\xbb\xbfabc" + "é".encode()[:1], 6),
        (b"\xff\xfea\x00\x00\xd8b\x00", 4),  # a lone surrogate in UTF-16
        (b"\xff\xfea\x00b", 4),
    ],
)
def test_what_is_not_as_its_mark_says_is_told_with_its_place(data: bytes, offset: int) -> None:
    with pytest.raises(InputError) as caught:
        read_text(io.BytesIO(data), "a pipe")
    assert (caught.value.problem, caught.value.source, caught.value.offset) == ("encoding", "a pipe", offset)


@pytest.mark.parametrize("encoding", ["cp1252", "cp850"])
def test_a_pipe_from_windows_older_programs_is_read_with_a_doubt(encoding: str) -> None:
    text, doubts = "Größe und Übung kosten zehn Mark, sagte der Müller.", []
    assert read_text(io.BytesIO(text.encode(encoding)), "standard input", doubts.append) == text
    assert len(doubts) == 1
    remedy = explain_at_prompt(InputError("encoding", "standard input", offset=3)).remedy
    assert "UTF-8" in remedy
    assert "iconv" not in remedy  # which Windows has not


def test_an_endless_input_ends() -> None:
    with Path("/dev/zero").open("rb") as zeros:
        assert len(read_text(zeros, "zeros")) == MAX_BYTES


def test_an_endless_input_may_be_cut_inside_a_letter() -> None:
    letters = "a" + "é" * (MAX_BYTES // 2)
    assert read_text(io.BytesIO(letters.encode()), "a pipe") == letters[:-1]


def test_files(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(TEXT.encode())
    assert read_text_file(tmp_path / "a.txt") == TEXT
    for path, problem in (
        (tmp_path / "b.txt", "missing"),
        (tmp_path, "is_folder"),
        (tmp_path / ("n" * 300), "failed"),
    ):
        with pytest.raises(InputError) as caught:
            read_text_file(path)
        assert caught.value.problem == problem


def test_a_text_argument_is_a_file_only_when_it_looks_like_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("notes.txt", "README.MD", "my notes.txt", "words"):
        Path(name).touch()
    meant_as_files = ["notes.txt", "README.MD", "my notes.txt", "missing.txt", "./folder/missing.md"]
    meant_as_words = [
        "words",
        "Open the file missing.txt",
        "Read notes.txt, please",
        "",
        "x " * 9999 + ".txt",
        "a\nb.md",
    ]
    assert [names_a_file(text) for text in meant_as_files] == [True] * len(meant_as_files)
    assert [names_a_file(text) for text in meant_as_words] == [False] * len(meant_as_words)
