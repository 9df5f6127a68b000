"""Explains what can go wrong with files that are read and written."""

from __future__ import annotations

import engine
from desktop.common.errors import InputError
from desktop.common.message import Mend

AT_PROMPT: dict[tuple[type[Exception], str], tuple[str, str]] = {
    (engine.AudioFileError, "missing"): ("There is no recording {e.path}.", "Check the path."),
    (engine.AudioFileError, "unreadable"): (
        "The recording {e.path} cannot be read{_detail}.",
        "Check that it plays in another program.",
    ),
    (engine.AudioFileError, "no_audio"): ("The file {e.path} holds no sound.", "Choose a recording."),
    (engine.AudioFileError, "empty"): ("The recording {e.path} is 0 seconds long.", "Record it again."),
    (engine.AudioFileError, "too_long"): ("The recording {e.path} is too long{_detail}.", "Cut out a part of it."),
    (engine.AudioFileError, "rate"): (
        "The recording {e.path} claims a sample rate of {e.detail}, so it is damaged or no speech.",
        "Use one of 8,000 to 384,000 Hz.",
    ),
    (engine.AudioFileError, "channels"): (
        "The recording {e.path} has {e.detail} channels; at most 64 can be read.",
        "Mix it down to one in another program.",
    ),
    (engine.CodesFileError, "missing"): ("There is no codes file {e.path}.", "Check the path."),
    (engine.CodesFileError, "unreadable"): (
        "{e.path} is not a NumPy array file that can be read{_detail}.",
        "Make it with: lectern codec encode",
    ),
    (engine.CodesFileError, "shape"): (
        "The codes in {e.path} have the shape {e.found}; {e.expected} was expected.",
        "Make them with this checkpoint: lectern codec encode",
    ),
    (engine.CodesFileError, "dtype"): (
        "The codes in {e.path} are {e.found}; {e.expected} were expected.",
        "Make them with: lectern codec encode",
    ),
    (engine.OutputError, "folder_missing"): (
        "The folder for {e.path} does not exist.",
        "Create it, or choose another place.",
    ),
    (engine.OutputError, "is_folder"): ("{e.path} is a folder.", "Give the name of a file."),
    (engine.OutputError, "not_allowed"): (
        "{e.path} may not be written{_detail}.",
        "Choose another place, or change its permissions.",
    ),
    (engine.OutputError, "disk_full"): (
        "There is no room to write {e.path}{_room}.",
        "Free some space, or choose another place.",
    ),
    (engine.OutputError, "format"): (
        "{e.path} has no ending of an audio format that Lectern writes.",
        "Use .wav, .flac, .mp3 or .opus.",
    ),
    (engine.OutputError, "failed"): ("{e.path} could not be written{_detail}.", "Choose another place or format."),
    (engine.DocumentError, "missing"): ("There is no document {e.path}.", "Check the path."),
    (engine.DocumentError, "is_folder"): ("{e.path} is a folder.", "Give the name of a document."),
    (engine.DocumentError, "not_allowed"): ("The document {e.path} may not be read.", "Change its permissions."),
    (engine.DocumentError, "failed"): ("The document {e.path} cannot be read{_detail}.", "Check the disk it is on."),
    (engine.DocumentError, "format"): (
        "{e.path} is in a format that Lectern does not read.",
        "Use a .txt, .md, .html, .epub, .pdf, .docx, .srt or .vtt file.",
    ),
    (engine.DocumentError, "too_large"): (
        "{e.path} is larger than any book, or unpacks to that{_detail}.",
        "Check that it is the right file, or split it.",
    ),
    (engine.DocumentError, "damaged"): (
        "The document {e.path} is damaged{_detail}.",
        "Check that it opens in another program, or get it again.",
    ),
    (engine.DocumentError, "protected"): (
        "The book {e.path} is locked by its seller (DRM), so its text cannot be read.",
        "Get it without DRM.",
    ),
    (engine.DocumentError, "encrypted"): (
        "The document {e.path} needs a password.",
        "Open it in another program and save it without one.",
    ),
    (engine.DocumentError, "no_text"): (
        "The document {e.path} holds no text{_detail}.",
        "If its pages are pictures, have a program recognise the text (OCR) first.",
    ),
    (engine.DocumentError, "binary"): (
        "{e.path} is not a text, whatever its name says{_detail}.",
        "Check that it is the right file.",
    ),
    (InputError, "missing"): (
        "There is no text file {e.source}.",
        "Check the path; to have the words themselves spoken, pipe them in.",
    ),
    (InputError, "is_folder"): ("{e.source} is a folder.", "Give the name of a text file."),
    (InputError, "not_allowed"): ("The text file {e.source} may not be read.", "Change its permissions."),
    (InputError, "failed"): ("{e.source} cannot be read{_detail}.", "Check the path."),
    (InputError, "encoding"): (
        "Byte {e.offset} of {e.source} is not the Unicode that its beginning promises, so it is damaged, or no text.",
        "Save it as UTF-8 in the program that it comes from.",
    ),
}

IN_A_WINDOW: dict[tuple[type[Exception], str], tuple[str, Mend]] = {
    (engine.CodesFileError, "unreadable"): ("Make it anew from a recording.", Mend.FIND_OUT),
    (engine.CodesFileError, "shape"): ("Make them anew from a recording.", Mend.FIND_OUT),
    (engine.CodesFileError, "dtype"): ("Make them anew from a recording.", Mend.FIND_OUT),
    (InputError, "missing"): ("Check the path.", Mend.TRY_AGAIN),
    (InputError, "encoding"): ("Save it as UTF-8 in the program that it comes from.", Mend.TRY_AGAIN),
}
