"""The samples of the voices are all there, heard, linked, and made the same again. The README leads to a video."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
import samples

from engine.audio import read_audio
from engine.types import SAMPLE_RATE_HZ

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "voices.md"
VIDEO = ROOT / "resources" / "pictures" / "heard.mp4"


def test_there_is_a_file_for_each_sample_and_the_page_of_the_voices_links_it() -> None:
    assert {file.name for file in samples.FOLDER.iterdir()} == {sample.name for sample in samples.SAMPLES}
    text = PAGE.read_text(encoding="utf-8")
    assert all(f"resources/samples/{sample.name}" in text for sample in samples.SAMPLES)


@pytest.mark.parametrize("sample", samples.SAMPLES, ids=lambda sample: sample.name)
def test_a_sample_is_small_and_can_be_heard(sample: samples.Sample) -> None:
    path = samples.FOLDER / sample.name
    sound = read_audio(path)
    assert path.stat().st_size < 80_000
    assert 8 < len(sound) / SAMPLE_RATE_HZ < 25
    assert -30 < 20 * np.log10(np.sqrt(np.mean(sound**2))) < -18


def test_the_same_sample_is_the_same_file(tmp_path: Path) -> None:
    espeak = next(sample for sample in samples.SAMPLES if sample.voice == "built-in/espeak")
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        samples.write_sample(espeak, tmp_path / folder)
    first, again = ((tmp_path / folder / espeak.name).read_bytes() for folder in ("a", "b"))
    assert first == again


@pytest.mark.slow
def test_the_video_is_small_and_moves_and_can_be_heard() -> None:
    with av.open(VIDEO) as container:
        assert [stream.codec_context.name for stream in container.streams] == ["h264", "aac"], "what browsers play"
        pictures = [frame.to_ndarray(format="gray") for frame in container.decode(video=0)]
    seconds = len(pictures) / 20
    assert f"({round(seconds)} seconds)" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert VIDEO.stat().st_size < 500_000
    changes = sum(bool(np.abs(a.astype(int) - b).max() > 60) for a, b in pairwise(pictures))
    assert changes > 40, "a word after the other is lit"
    sound = read_audio(VIDEO)
    assert abs(len(sound) / SAMPLE_RATE_HZ - seconds) < 1.5
    assert -30 < 20 * np.log10(np.sqrt(np.mean(sound**2))) < -18
