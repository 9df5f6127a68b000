"""What an engine is able to do: told by asking, in the same way on each Python."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Protocol

import pytest

import engine
import engine.speech
from desktop.speech.clients import SharedEngine
from engine import AudioCodec, SpeechEngine, as_batching, codec_of
from engine.builtin import BuiltInVoice
from engine.host.work import DescribeCodec

PROTOCOLS = [value for value in vars(engine).values() if inspect.isclass(value) and Protocol in value.__bases__]


class Changing(BuiltInVoice):
    """An engine that loses its codec, as the shared one does with S1 Mini's files."""

    now: AudioCodec | None = None

    @property
    def codec(self) -> AudioCodec | None:
        return self.now


def test_a_codec_is_there_when_it_is_there(tiny_checkpoint: Path) -> None:
    changing, codec = Changing(), engine.speech.open_codec(tiny_checkpoint, "cpu")
    assert codec_of(changing) is None
    changing.now = codec
    assert codec_of(changing) is codec
    assert next(DescribeCodec()(changing, engine.CancelToken())).n_codebooks == codec.n_codebooks
    changing.now = None
    assert codec_of(changing) is None


def test_the_built_in_voice_has_none_and_speaks_one_after_the_other() -> None:
    voice = BuiltInVoice()
    assert (codec_of(voice), as_batching(voice)) == (None, None)


@pytest.mark.parametrize("protocol", PROTOCOLS, ids=lambda protocol: protocol.__name__)
def test_no_answer_is_guessed_from_a_class(protocol: type) -> None:
    """isinstance with a protocol: by the class from Python 3.12 on, before that by running its properties."""
    assert SpeechEngine in PROTOCOLS
    with pytest.raises(TypeError, match="runtime_checkable"):
        isinstance(SharedEngine, protocol)
