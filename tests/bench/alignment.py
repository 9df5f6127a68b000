"""How well words are found by listening, and flaws of a reading: `python tests/bench/alignment.py`; see RESULTS.md.

Truth is known where a voice has word times of its own. The natural voice reads 200 English sentences, as it is, slower,
faster, and at another pitch; espeak-ng's other timbres read a page in each language. Of both, each word's place by
listening is compared with its own.

* `streamed`: the word that is lit at the end of each chunk of four frames, while the sound comes: how often it is the
  right one or its neighbour, and how many words were not placed 50 ms after they began.
* `cpu`: processor time for a second of sound, espeak-ng's part included; `chunks` when words are placed at each chunk.

With `--proof`, flaws are made in the natural voice's sentences: a word cut out, a word said twice, a second of noise or
of another sentence at the end; each is looked for by the way through the example, and by narration's checks.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import engine
from engine.alignment import Speaker, WordFinder
from engine.audio import TempoChanger, resample
from engine.narration.checks import Measures, doubts_of, measure, paces, repeats_itself, weigh
from engine.narration.sound_file import to_pcm

sys.path.insert(0, str(Path(__file__).parents[1]))
import alice

RATE_HZ = engine.SAMPLE_RATE_HZ
N_SENTENCES = 200
CHUNK_SAMPLES = 4 * 2048
LATE_SAMPLES = RATE_HZ // 20
PAUSE_SAMPLES = RATE_HZ // 4  # that the built-in voices leave after a sentence
TIMBRES = ("f2", "m3", "m7", "klatt2")


@dataclass(frozen=True, slots=True)
class Reading:
    """A segment's sound, float32 `(n_samples,)`, and its words as they are."""

    segment: engine.Segment
    samples: np.ndarray
    words: tuple[engine.Word, ...]


@dataclass(frozen=True, slots=True)
class Score:
    errors_s: np.ndarray
    n_spread: int
    n_segments: int
    cpu: float
    lit: np.ndarray  # by how many words the one that is lit is off
    late: np.ndarray  # whether a word that began 50 ms ago was not placed
    chunks_cpu: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--proof", action="store_true", help="make flaws, and look for them")
    parser.add_argument("--n", type=int, default=N_SENTENCES, help="English sentences")
    arguments = parser.parse_args()
    english = list(read("natural", english_texts(), "en"))[: arguments.n]
    if arguments.proof:
        show_flaws(english)
        return
    sys.stdout.write(TITLES)
    show("natural", english)
    for speed in (0.8, 1.4):
        show(f"natural, {speed} times as fast", [stretched(reading, speed) for reading in english])
    for pitch in (0.75, 1.2):
        show(f"natural, {pitch} times as high", [shifted(reading, pitch) for reading in english])
    for i, language in enumerate(engine.LANGUAGES):
        timbre = TIMBRES[i % len(TIMBRES)]
        show(f"{language}, espeak-ng {timbre}", list(read(f"built-in/{timbre}", page(language), language)))


def english_texts() -> list[str]:
    here = Path(__file__).parent
    lines = [
        line for name in ("voices", "alignment") for line in (here / f"{name}_sentences.txt").read_text().splitlines()
    ]
    return [*lines, *(part for _, parts in alice.CHAPTERS for part in parts), *page("en")]


def page(language: str) -> list[str]:
    text = Path(__file__).parents[1] / "engine" / "text" / "corpus" / f"{language}.txt"
    return text.read_text(encoding="utf-8").split("\n\n")


def read(voice: str, texts: Sequence[str], language: str) -> Iterator[Reading]:
    """Have `texts` read, and yield the segments of four words and more."""
    speaker = engine.open_engine("natural" if voice == "natural" else "built-in")
    for text in texts:
        request = engine.SpeechRequest(text, engine.Voice(voice), engine.SpeechOptions(language=language))
        chunks: list[engine.PcmChunk] = []
        for event in speaker.speak(request, engine.CancelToken()):
            if isinstance(event, engine.PcmChunk):
                chunks.append(event)
            elif isinstance(event, engine.SegmentDone):
                words = tuple(word for chunk in chunks for word in chunk.words)
                if len(words) >= 4:
                    yield Reading(event.segment, np.concatenate([chunk.samples for chunk in chunks]), words)
                chunks = []


def stretched(reading: Reading, speed: float) -> Reading:
    changer = TempoChanger(speed, RATE_HZ)
    samples = np.concatenate((changer.push(reading.samples), changer.flush()))
    lead = changer.lead_samples
    return moved(reading, samples, lambda at: (at - lead) / speed)


def shifted(reading: Reading, pitch: float) -> Reading:
    """Another pitch, and a speaker of another size, at about the same speed."""
    played = resample(reading.samples, RATE_HZ, round(RATE_HZ / pitch))
    return stretched(moved(reading, played, lambda at: at / pitch), 1 / pitch)


def moved(reading: Reading, samples: np.ndarray, place: Callable[[int], float]) -> Reading:
    words = tuple(
        engine.Word(word.start, word.end, min(max(0, round(place(word.at_sample))), len(samples) - 1))
        for word in reading.words
    )
    return Reading(reading.segment, samples, words)


# --- where words are

TITLES = (
    "| voice | sentences, words | median, p90, worst ms | within 120 ms, % | spread | offset, ms | cpu, % "
    "| streamed: right, next, late % | chunks, cpu % |\n|---|---|---|---|---|---|---|---|---|\n"
)


def show(name: str, readings: list[Reading]) -> None:
    score = scored(readings)
    off = np.abs(score.errors_s) * 1000
    lit = np.abs(score.lit)
    sys.stdout.write(
        f"| {name} | {score.n_segments}, {len(off)} "
        f"| {np.median(off):.0f}, {np.percentile(off, 90):.0f}, {off.max():.0f} "
        f"| {np.mean(off <= 120):.1%} | {score.n_spread} | {np.median(score.errors_s) * 1000:+.0f} | {score.cpu:.2%} "
        f"| {np.mean(lit == 0):.1%}, {np.mean(lit <= 1):.1%}, {np.mean(score.late):.1%} | {score.chunks_cpu:.2%} |\n"
    )
    sys.stdout.flush()


def scored(readings: list[Reading]) -> Score:
    """Find the words of each reading alone, as if nothing else of its speaker was heard; streamed, one after the
    other."""
    errors: list[float] = []
    lit: list[int] = []
    late: list[bool] = []
    n_spread, cpu_s, chunks_s, audio_s = 0, 0.0, 0.0, 0.0
    speaker = Speaker()
    for reading in readings:
        begun_s = time.process_time()
        finder = WordFinder(reading.segment)
        finder.hear(reading.samples)
        found = finder.finish()
        cpu_s += time.process_time() - begun_s
        n_spread += not finder.is_sure
        audio_s += len(reading.samples) / RATE_HZ
        truth = {word.start: word.at_sample for word in reading.words}
        common = [word for word in found if word.start in truth]
        errors += [(word.at_sample - truth[word.start]) / RATE_HZ for word in common]
        chunks_s += streamed(
            reading, [truth[word.start] for word in common], {w.start for w in common}, speaker, lit, late
        )
    return Score(
        np.array(errors), n_spread, len(readings), cpu_s / audio_s, np.array(lit), np.array(late), chunks_s / audio_s
    )


def streamed(
    reading: Reading, truth: list[int], known: set[int], speaker: Speaker, lit: list[int], late: list[bool]
) -> float:
    """Hear a reading chunk by chunk; returns the processor time."""
    begun_s, apart_s = time.process_time(), 0.0
    finder = WordFinder(reading.segment, speaker)
    for start in range(0, len(reading.samples) - PAUSE_SAMPLES, CHUNK_SAMPLES):
        finder.hear(reading.samples[start : start + CHUNK_SAMPLES])
        words = finder.words()
        now_s = time.process_time()
        heard = min(start + CHUNK_SAMPLES, len(reading.samples))
        n_placed = sum(word.start in known for word in words)
        n_begun = int(np.searchsorted(truth, heard, side="right"))
        lit.append(n_placed - n_begun)
        late.append(n_placed < int(np.searchsorted(truth, heard - LATE_SAMPLES, side="right")))
        apart_s += time.process_time() - now_s
    finder.finish()
    return time.process_time() - begun_s - apart_s


# --- flaws

FLAW_TITLES = """
| | by the way | of it skipped, repeated, strange | by narration's checks | by either |
|---|---|---|---|---|
"""


@dataclass(frozen=True, slots=True)
class Sound:
    chars: float
    problem: str | None
    measures: Measures


def show_flaws(readings: list[Reading]) -> None:
    """Say how many of each kind of flaw are found, and how many good readings are accused."""
    generator = np.random.default_rng(0)
    made: dict[str, list[tuple[Reading, np.ndarray]]] = {
        name: [] for name in ("good", "word cut out", "word twice", "noise after", "other speech after")
    }
    for i, reading in enumerate(readings):
        other = readings[(i + 11) % len(readings)].samples[:RATE_HZ]
        noise = generator.normal(0, 0.05, RATE_HZ).astype(np.float32)
        k = int(generator.integers(len(reading.words)))
        for name, samples in zip(
            made,
            (
                reading.samples,
                without_word(reading, k),
                with_word_twice(reading, k),
                with_tail(reading, noise),
                with_tail(reading, other),
            ),
            strict=True,
        ):
            made[name].append((reading, samples))
    pace = paces(("en", sound_of(*each)) for each in made["good"])["en"]
    sys.stdout.write(FLAW_TITLES)
    for name, sounds in made.items():
        by_way, by_checks, kinds, saved = [], [], np.zeros(3), []
        for reading, samples in sounds:
            finder = WordFinder(reading.segment)
            finder.hear(samples)
            finder.finish()
            proof = finder.proof()
            saved.append((proof.skipped, proof.repeated, proof.strange))
            by_way.append(bool(proof.flaws))
            kinds += [flaw in proof.flaws for flaw in type(proof.flaws[0])] if proof.flaws else 0
            text = reading.segment.text
            by_checks.append(bool(doubts_of(sound_of(reading, samples), pace, repeats_itself=repeats_itself(text))))
        either = np.logical_or(by_way, by_checks)
        sys.stdout.write(
            f"| {name} | {sum(by_way)} | {', '.join(str(int(n)) for n in kinds)} "
            f"| {sum(by_checks)} | {either.sum()} |\n"
        )
        tops = np.percentile(np.array(saved), (50, 90, 95, 98, 99, 100), axis=0).round(1).T.tolist()
        sys.stderr.write(f"{name}: {tops}\n")
        sys.stdout.flush()


def sound_of(reading: Reading, samples: np.ndarray) -> Sound:
    return Sound(weigh(reading.segment.text), None, measure(to_pcm(samples[: len(samples) - PAUSE_SAMPLES])))


def faded(samples: np.ndarray) -> np.ndarray:
    n = min(200, len(samples) // 2)
    ramp = np.linspace(0, 1, n, dtype=np.float32)
    return np.concatenate((samples[:n] * ramp, samples[n : len(samples) - n], samples[len(samples) - n :] * ramp[::-1]))


def span_of(reading: Reading, k: int) -> tuple[int, int]:
    following = reading.words[k + 1].at_sample if k + 1 < len(reading.words) else len(reading.samples) - PAUSE_SAMPLES
    return reading.words[k].at_sample, following


def without_word(reading: Reading, k: int) -> np.ndarray:
    start, end = span_of(reading, k)
    return np.concatenate((faded(reading.samples[:start]), faded(reading.samples[end:])))


def with_word_twice(reading: Reading, k: int) -> np.ndarray:
    start, end = span_of(reading, k)
    return np.concatenate((faded(reading.samples[:end]), faded(reading.samples[start:])))


def with_tail(reading: Reading, tail: np.ndarray) -> np.ndarray:
    end = len(reading.samples) - PAUSE_SAMPLES
    return np.concatenate((reading.samples[:end], faded(tail), reading.samples[end:]))


if __name__ == "__main__":
    main()
