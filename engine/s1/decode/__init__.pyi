from .attempts import AttemptMemo
from .choosing import why_not_compiled
from .decoder import Decoder, open_decoder
from .guard import RunawayGuard, max_speech_frames
from .prefix_cache import Prefix, PrefixCache
from .rows import Rows, generate
from .side_by_side import speak_side_by_side
from .voice_lock import VoiceLock

__all__ = [
    "AttemptMemo",
    "Decoder",
    "Prefix",
    "PrefixCache",
    "Rows",
    "RunawayGuard",
    "VoiceLock",
    "generate",
    "max_speech_frames",
    "open_decoder",
    "speak_side_by_side",
    "why_not_compiled",
]
