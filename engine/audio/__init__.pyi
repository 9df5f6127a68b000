from .codes import read_codes, write_codes
from .decoding import read_audio
from .delivery import delivered
from .fades import fade_in
from .resampling import StreamResampler, resample
from .reshaping import Reshaper
from .tempo import TempoChanger
from .writing import AudioWriter, WavStream, check_output

__all__ = [
    "AudioWriter",
    "Reshaper",
    "StreamResampler",
    "TempoChanger",
    "WavStream",
    "check_output",
    "delivered",
    "fade_in",
    "read_audio",
    "read_codes",
    "resample",
    "write_codes",
]
