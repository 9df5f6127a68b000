"""What a narration costs beyond its engine: `python tests/bench/narrate.py`. Numbers go into RESULTS.md.

A book of so many pages of 1500 characters (200 as it stands) is narrated with the built-in voice, whose own time is
taken off; then the same sounds are written as FLAC, to compare.
"""

from __future__ import annotations

import argparse
import io
import sys
import tempfile
import time
from pathlib import Path

import av
import numpy as np

import engine
import engine.builtin
import engine.narration
import engine.registry
from engine.machine.process_memory import peak_resident_bytes
from engine.narration.sound_file import read_sound, write_sound

sys.path.insert(0, str(Path(__file__).parents[1]))
from long_book import CHARS_OF_A_PAGE, pages


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=200)
    n_pages = parser.parse_args().pages
    speaker, voice = engine.builtin.BuiltInVoice(), engine.Voice("built-in")
    lines: list[str] = []
    identity = engine.narration.engine_identity(engine.registry.always_there(), speaker.status(), None)
    with tempfile.TemporaryDirectory() as folder:
        book = Path(folder) / "book.txt"
        book.write_text(pages(n_pages * 1500 // CHARS_OF_A_PAGE, 30), encoding="utf-8")
        document = engine.narration.read_document(book)
        with engine.narration.Project.create(
            Path(folder) / "p", document, book, engine.narration.NarrationSettings()
        ) as project:
            started_s = time.perf_counter()
            n_sentences = len(project.sentences())
            cut_s = time.perf_counter() - started_s
            started_s = time.perf_counter()
            for _ in engine.narration.narrate(project, speaker, identity, voice, engine.CancelToken()):
                pass
            wall_s = time.perf_counter() - started_s
            takes = [take for by_attempt in project.sounds._takes.values() for take in by_attempt.values()]
            engine_s = sum(take.compute_s for take in takes)
            audio_s = sum(take.n_samples for take in takes) / engine.SAMPLE_RATE_HZ
            own_ms = 1000 * (wall_s - engine_s) / len(takes)
            lines.append(
                f"{n_pages} pages, {n_sentences} sentences, {audio_s / 3600:.2f} h of speech; cut in {cut_s:.2f} s"
            )
            lines.append(f"{wall_s:.1f} s in all, {engine_s:.1f} s of it the engine's own")
            lines.append(f"{own_ms:.2f} ms a sentence beyond the engine: {1000 / own_ms:.0f} sentences per second")
            paths = [project.sounds.path(take) for take in takes[:200]]
            lines.append(f"peak {(peak_resident_bytes() or 0) / 1e6:.0f} MB")
            lines.append(compare(paths, Path(folder)))
    sys.stdout.write("\n".join(lines) + "\n")


def compare(paths: list[Path], folder: Path) -> str:
    sounds = [read_sound(path) for path in paths]
    started_s = time.perf_counter()
    for i, pcm in enumerate(sounds):
        write_sound(folder / f"{i}.wav", pcm)
    wav_ms = 1000 * (time.perf_counter() - started_s) / len(sounds)
    started_s = time.perf_counter()
    n_bytes = 0
    for i, pcm in enumerate(sounds):
        data = flac(pcm)
        n_bytes += len(data)
        (folder / f"{i}.flac").write_bytes(data)
    flac_ms = 1000 * (time.perf_counter() - started_s) / len(sounds)
    share = n_bytes / (2 * sum(map(len, sounds)))
    return f"a sentence as WAV {wav_ms:.2f} ms, as FLAC {flac_ms:.2f} ms and {100 * share:.0f} % of the size"


def flac(pcm: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="flac") as container:
        stream = container.add_stream("flac", rate=engine.SAMPLE_RATE_HZ, layout="mono")
        stream.codec_context.format = "s16"
        frame = av.AudioFrame.from_ndarray(pcm[None, :], format="s16", layout="mono")
        frame.sample_rate = engine.SAMPLE_RATE_HZ
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return buffer.getvalue()


if __name__ == "__main__":
    main()
