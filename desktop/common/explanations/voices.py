"""Explains what can go wrong with voices and their recordings."""

from __future__ import annotations

import engine
import engine.voice_library
from desktop.common.errors import RecordingError
from desktop.common.message import Mend

AT_PROMPT: dict[tuple[type[Exception], str], tuple[str, str]] = {
    (engine.VoiceError, "unknown"): ("There is no voice {e.name}.", "{_known}"),
    (engine.VoiceError, "no_transcript"): (
        "The voice {e.name} has a recording without a readable transcript{_detail}.",
        "Write what is said, word for word, into a .lab file of the same name beside the recording.",
    ),
    (engine.VoiceError, "no_recording"): (
        "The voice {e.name} has a transcript without a recording{_detail}.",
        "Put the recording beside it, with the same name.",
    ),
    (engine.VoiceError, "too_many"): (
        f"A voice takes at most {engine.voice_library.MAX_RECORDINGS} recordings, and these are {{e.detail}}.",
        "Keep the clearest ones: 10 to 30 seconds are best.",
    ),
    (engine.VoiceError, "codes_shape"): (
        "The codes of the voice {e.name} do not fit this model{_detail}.",
        "Delete its .npy files, so that they are made anew from the recordings.",
    ),
    (engine.VoiceError, "name"): ("A voice cannot be called “{e.name}”{_detail}.", "Choose another name."),
    (engine.VoiceError, "taken"): (
        "There is a voice {e.name} already.",
        "Choose another name, or remove or rename that voice first.",
    ),
    (engine.VoiceError, "damaged"): (
        "The file of the voice {e.name} is damaged, or none{_detail}.",
        "Import it again from where it came, or remove it.",
    ),
    (engine.VoiceError, "unsuitable"): (
        "No voice can be made of the recording{_detail}.",
        "Record 10 to 30 seconds of one person who speaks clearly.",
    ),
    (engine.VoiceError, "no_sound"): (
        "The voice {e.name} is kept as codes alone, which only S1 Mini can make heard.",
        "Download S1 Mini to hear it: lectern download",
    ),
    (engine.VoiceError, "newer"): ("The voice {e.name} was made by a newer Lectern.", "Install that one to use it."),
    (engine.VoiceError, "not_encoded"): (
        "The voice {e.name} has its sound alone, because it was not used with S1 Mini yet.",
        "Export it with its sound, or speak with it once first.",
    ),
    (engine.VoiceError, "nothing_found"): (
        "There are no voices in {e.name}.",
        "A voice is a folder with a recording and its transcript (.lab or .txt) under the same name.",
    ),
    (engine.VoiceError, "not_improvised"): (
        "There is no voice to keep: only S1 Mini improvises one, and only where none was chosen.",
        "Speak with S1 Mini and its usual voice, then keep that.",
    ),
    (RecordingError, "no_library"): (
        "Nothing can be recorded, because the library PortAudio is not installed.",
        "Install it (sudo apt install libportaudio2 libasound2-plugins), or add a voice from a file.",
    ),
    (RecordingError, "no_device"): ("There is no microphone.", "Connect one, or add a voice from a file."),
    (RecordingError, "refused"): (
        "The microphone cannot be opened{_detail}.",
        "Close the program that uses it, allow its use in the system's settings, or add a voice from a file.",
    ),
    (RecordingError, "vanished"): (
        "The microphone went away while it recorded.",
        "Connect it again and repeat.",
    ),
}

IN_A_WINDOW: dict[tuple[type[Exception], str], tuple[str, Mend]] = {
    (engine.VoiceError, "unknown"): ("Choose another voice.", Mend.FIND_OUT),
    (engine.VoiceError, "no_sound"): ("Get S1 Mini to hear it.", Mend.GET_S1),
    (RecordingError, "no_library"): (
        "Install the packages libportaudio2 and libasound2-plugins, or add a voice from a file.",
        Mend.FIND_OUT,
    ),
}
