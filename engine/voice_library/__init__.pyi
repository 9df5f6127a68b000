from .checks import check_recording
from .folders import find_voice_folders
from .gallery import Audition, Candidate, improvise, script_in
from .improvised import ImprovisedVoice
from .library import VoiceLibrary
from .loading import list_voices, load_voice
from .names import checked_name
from .recordings import (
    check_recording_file,
    check_voice,
    make_voice,
    sound_of_samples,
    sound_of_voice,
    transcript_beside,
)
from .references import encode_voice, read_voice
from .sound import Sound
from .values import (
    MAX_ADVISED_S,
    MAX_RECORDING_S,
    MAX_RECORDINGS,
    MAX_VOICES,
    MIN_ADVISED_S,
    RecordingCheck,
    RecordingDoubt,
    RemovedVoice,
    StoredVoice,
    VoiceInfo,
    VoiceRecording,
)
from .voice_file import write_voice

__all__ = [
    "MAX_ADVISED_S",
    "MAX_RECORDINGS",
    "MAX_RECORDING_S",
    "MAX_VOICES",
    "MIN_ADVISED_S",
    "Audition",
    "Candidate",
    "ImprovisedVoice",
    "RecordingCheck",
    "RecordingDoubt",
    "RemovedVoice",
    "Sound",
    "StoredVoice",
    "VoiceInfo",
    "VoiceLibrary",
    "VoiceRecording",
    "check_recording",
    "check_recording_file",
    "check_voice",
    "checked_name",
    "encode_voice",
    "find_voice_folders",
    "improvise",
    "list_voices",
    "load_voice",
    "make_voice",
    "read_voice",
    "script_in",
    "sound_of_samples",
    "sound_of_voice",
    "transcript_beside",
    "write_voice",
]
