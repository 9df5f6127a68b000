from .codes import read_codes, write_codes
from .fades import fade_in
from .files import AudioWriter, WavStream, check_output, read_audio
from .resampling import StreamResampler, resample
from .tempo import TempoChanger

__all__ = [
    "AudioWriter",
    "StreamResampler",
    "TempoChanger",
    "WavStream",
    "check_output",
    "fade_in",
    "read_audio",
    "read_codes",
    "resample",
    "write_codes",
]
