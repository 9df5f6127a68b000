"""The samples of the voices: all there, heard, linked, and made the same again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import samples

from engine.audio import read_audio
from engine.types import SAMPLE_RATE_HZ

PAGE = Path(__file__).parents[1] / "docs" / "voices.md"


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
