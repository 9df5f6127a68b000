"""The same paragraph by each voice, as small Opus files: `make samples`, into resources/samples.

Made anew on the same computer they are the same to the byte; natural voices differ in rounding between processors.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np

import engine
import engine.audio
import engine.registry

FOLDER = Path(__file__).parents[1] / "resources" / "samples"
RATE_HZ = 48_000
"""Opus knows no other that is as high as what is spoken."""
BITS_PER_S = 24_000

TEXTS = {
    "en": "The last ferry had gone, and the harbour lay quite still. On the quay a woman was reading aloud from an old "
    "book, page after page, though nobody was listening. Or was there? In the dark behind her, a cat sat down.",
    "de": "Die letzte Fähre war fort, und der Hafen lag ganz still. Am Kai las eine Frau aus einem alten Buch vor, "
    "Seite um Seite, obwohl niemand zuhörte. Oder doch? Im Dunkeln hinter ihr setzte sich eine Katze.",
    "es": "El último barco se había ido, y el puerto estaba en calma. En el muelle una mujer leía en voz alta un libro "
    "viejo, página tras página, aunque nadie escuchaba. ¿O sí? En la oscuridad, detrás de ella, se sentó un gato.",
    "fr": "Le dernier bateau était parti, et le port était calme. Sur le quai, une femme lisait à voix haute un vieux "
    "livre, page après page, bien que personne n'écoutât. Ou peut-être si ? Dans le noir, derrière elle, un chat "
    "s'assit.",
    "zh": "最后一班渡船已经开走，港口静悄悄的。码头上，一位女士正在朗读一本旧书，一页又一页，虽然没有人在听。"
    "真的没有吗？在她身后的黑暗里，一只猫坐了下来。",
}


@dataclass(frozen=True, slots=True)
class Sample:
    """Names a file, the voice that speaks in it and the language."""

    name: str
    voice: str
    language: str


SAMPLES = (
    Sample("english-natural.opus", "natural", "en"),
    Sample("english-espeak.opus", "built-in/espeak", "en"),
    Sample("german-espeak.opus", "built-in/espeak", "de"),
    Sample("spanish-espeak.opus", "built-in/espeak", "es"),
    Sample("french-espeak.opus", "built-in/espeak", "fr"),
    Sample("chinese-espeak.opus", "built-in/espeak", "zh"),
)


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for sample in SAMPLES:
        write_sample(sample, folder)


def write_sample(sample: Sample, folder: Path) -> None:
    """Speak and write one file."""
    entry = engine.registry.engine_of_voice(sample.voice)
    assert entry is not None, sample.voice
    speaker = entry.open(engine.EngineSetup())
    options = engine.SpeechOptions(language=sample.language, seed=1)
    request = engine.SpeechRequest(TEXTS[sample.language], engine.Voice(sample.voice), options)
    events = speaker.speak(request, engine.CancelToken())
    sound = np.concatenate([event.samples for event in events if isinstance(event, engine.PcmChunk)])
    speaker.close()
    write_opus(folder / sample.name, engine.audio.resample(sound, engine.SAMPLE_RATE_HZ, RATE_HZ))


def write_opus(path: Path, samples: np.ndarray) -> None:
    """Write float32 `(n_samples,)` at `RATE_HZ`; unlike `AudioWriter`, with nothing in the file that is drawn."""
    with av.open(str(path), "w", format="ogg", options={"fflags": "+bitexact"}) as container:
        stream = container.add_stream("libopus", rate=RATE_HZ, layout="mono", options={"application": "voip"})
        stream.bit_rate = BITS_PER_S
        frame = av.AudioFrame.from_ndarray(samples[None].astype(np.float32), format="fltp", layout="mono")
        frame.sample_rate = RATE_HZ
        for packet in (*stream.encode(frame), *stream.encode(None)):
            container.mux(packet)


if __name__ == "__main__":
    main()
