"""Explains errors and decisions to a person: what happened in one sentence, then what helps."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from enum import StrEnum, auto
from pathlib import Path

import engine
import engine.voice_library
from desktop.common.errors import (
    DesktopError,
    InputError,
    InstallError,
    NoCheckpointError,
    NotRunningError,
    PlaybackError,
    PyTorchError,
    RecordingError,
    RemoteError,
    RuntimeFolderError,
    StartError,
    TerminalError,
)
from desktop.common.plain_text import plain, plain_line
from engine import SegmentProblem
from engine.registry import ChoiceReason, EngineChoice, best_engine

MODEL_PAGE = "https://huggingface.co/fishaudio/openaudio-s1-mini"
MAX_NAMES = 12
MAX_DETAIL = 300
TOKENS_PAGE = "https://huggingface.co/settings/tokens"


class Mend(StrEnum):
    """Names what a button under a message does about it."""

    FIND_OUT = auto()  # the doctor
    GET_S1 = auto()
    INSTALL_PYTORCH = auto()
    OPEN_LICENCE_PAGE = auto()
    ENTER_TOKEN = auto()
    USE_SAVED_TOKEN = auto()
    TRY_AGAIN = auto()
    CHOOSE_FOLDER = auto()
    SET_HOTKEYS = auto()
    SET_READING = auto()
    SET_S1 = auto()


@dataclass(frozen=True, slots=True)
class Message:
    """Holds a sentence for a person, and what helps. `remedy` is empty where there is nothing to do; `mend` is for
    where there are buttons. Names and what others said may be in it: it is made plain, for terminals and windows
    alike."""

    sentence: str
    remedy: str = ""
    mend: Mend = Mend.FIND_OUT

    def __post_init__(self) -> None:
        object.__setattr__(self, "sentence", plain(self.sentence))
        object.__setattr__(self, "remedy", plain(self.remedy))

    def __str__(self) -> str:
        return f"{self.sentence} {self.remedy}".rstrip()


# (kind of error, its `problem`) -> sentence and remedy, with the error's fields by name.
_MESSAGES: dict[tuple[type[Exception], str], tuple[str, str]] = {
    (engine.TextError, "empty"): ("There is no text to speak.", "Give some words."),
    (engine.TextError, "nothing_to_speak"): (
        "The text holds only signs and spaces.",
        "Give some words.",
    ),
    (engine.TextError, "too_long"): (
        "The text has {e.found:,} characters; at most {e.limit:,} can be spoken in one go.",
        "Split it, by chapters for example.",
    ),
    (engine.TextError, "lone_surrogate"): (
        "Character {e.position} of the text is half of a sign, so the text was damaged or is not UTF-8.",
        "Save the text as UTF-8 and try again.",
    ),
    (engine.TextError, "nul_byte"): (
        "Character {e.position} of the text is a NUL byte, so this is probably not a text.",
        "Check that it is the right file.",
    ),
    (engine.PromptTooLongError, ""): (
        "The voice's recordings and the text together are too long for the model ({e.n_tokens} of {e.limit} tokens).",
        "Use shorter recordings for the voice: 10 to 30 seconds are best.",
    ),
    (engine.PronunciationError, "empty"): ("An entry of the dictionary has no word.", "Say what it is for."),
    (engine.PronunciationError, "pattern"): (
        "The regular expression {e.written} has a mistake{_detail}.",
        "Mend it, or have it taken for a word instead of a pattern.",
    ),
    (engine.PronunciationError, "replacement"): (
        "What is to be said for {e.written} names a group that the expression does not have{_detail}.",
        "Put brackets around a part of the expression, or take \\1 and the like away.",
    ),
    (engine.PronunciationError, "matches_nothing"): (
        "The regular expression {e.written} fits where nothing is written.",
        "Let it ask for at least one character.",
    ),
    (engine.PronunciationError, "slow"): (
        "The regular expression {e.written} takes far too long on some texts.",
        "Avoid repetitions within repetitions, such as (a+)+.",
    ),
    (engine.PronunciationError, "language"): (
        "The language {e.detail} is none that Lectern knows.",
        "Use one of: {_languages}",
    ),
    (engine.PronunciationError, "control"): (
        "The entry for {e.written} holds a character that nobody can see.",
        "Type it anew, on one line.",
    ),
    (engine.PronunciationError, "damaged"): (
        "The dictionary {e.path} is damaged{_detail}.",
        "Mend it in a text editor, or move it away.",
    ),
    (engine.PronunciationError, "unreadable"): (
        "The dictionary {e.path} cannot be read{_detail}.",
        "Check its permissions.",
    ),
    (engine.PronunciationError, "unknown"): (
        "The dictionary has no entry for {e.written}.",
        "See what it has: lectern dictionary list",
    ),
    (engine.OptionError, ""): ("The option {e.name} is {e.found}.", "It can be {e.expected}."),
    (engine.CheckpointError, "folder_missing"): (
        "There is no checkpoint folder {e.path}.",
        "Check the path, or run: lectern doctor",
    ),
    (engine.CheckpointError, "file_missing"): (
        "The checkpoint folder {e.path} has no {e.name}.",
        "Download it again: {_again}",
    ),
    (engine.CheckpointError, "unreadable"): (
        "The checkpoint file {e.path} is damaged, incomplete or in another format{_detail}.",
        "Download it again: {_again}",
    ),
    (engine.CheckpointError, "unsafe"): (
        "The checkpoint file {e.path} asks to run code ({e.found}), so it was not loaded.",
        "Delete it, then download the model: {_again}",
    ),
    (engine.CheckpointError, "config"): (
        "In {e.path}, {e.name} is {e.found}; {e.expected} was expected.",
        "Use the configuration that came with the weights.",
    ),
    (engine.CheckpointError, "tensor_missing"): (
        "{e.path} has no tensor {e.name}.",
        "Check that its configuration and weights belong together, or download it again: {_again}",
    ),
    (engine.CheckpointError, "tensor_extra"): (
        "{e.path} has a tensor that the model does not have: {e.name}.",
        "Check that its configuration and weights belong together, or download it again: {_again}",
    ),
    (engine.CheckpointError, "tensor_shape"): (
        "In {e.path}, the tensor {e.name} has the shape {e.found}; {e.expected} was expected.",
        "Check that its configuration and weights belong together, or download it again: {_again}",
    ),
    (engine.CheckpointError, "not_finite"): (
        "In {e.path}, the tensor {e.name} holds values that are no numbers, so nothing can be spoken with it.",
        "Download it again: {_again}",
    ),
    (engine.CheckpointError, "tokenizer"): (
        "The checkpoint's tokenizer in {e.path} is not usable{_detail}.",
        "Download it again: {_again}",
    ),
    (engine.CheckpointError, "unfinished"): (
        "The download into {e.path} is not finished.",
        "Go on with it: {_again}",
    ),
    (engine.CheckpointError, "changed"): (
        "The checkpoint file {e.path} is not what was downloaded: {e.found} instead of {e.expected}.",
        "Download it again: {_again}",
    ),
    (engine.TorchError, "missing"): (
        "S1 Mini needs PyTorch, and {e.package} is not installed.",
        "Install it: lectern install-pytorch",
    ),
    (engine.TorchError, "broken"): (
        "S1 Mini needs PyTorch, and what is installed does not load{_detail}.",
        "Install it again: lectern install-pytorch",
    ),
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
    (engine.DeviceError, "no_cuda"): (
        "PyTorch finds no NVIDIA GPU here.",
        "Use the CPU (--device cpu), or run `lectern doctor` to see what is missing.",
    ),
    (engine.DeviceError, "out_of_memory"): (
        "The memory of {e.device} is full.",
        "Close other programs that use the GPU, or use the CPU (--device cpu).",
    ),
    (engine.DeviceError, "failed"): (
        "{e.device} failed{_detail}.",
        "Try again; if it stays so, restart the computer or use the CPU (--device cpu).",
    ),
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
    (engine.BuiltInVoiceError, ""): (
        "The built-in voice could not speak{_detail}.",
        "Install Lectern again; if it stays so, report it.",
    ),
    (engine.HostError, "crashed"): (
        "The speech engine ended unexpectedly{_detail}.",
        "Try again; if it stays so, run: lectern doctor",
    ),
    (engine.HostError, "hung"): (
        "The speech engine stopped answering and was ended.",
        "Try again; if it stays so, run: lectern doctor",
    ),
    (engine.HostError, "raised"): (  # its detail is a traceback: for the log
        "The speech engine failed in a way that was not foreseen.",
        "Try again; if it stays so, run `lectern doctor` and report it.",
    ),
    (engine.HubError, "no_token"): (
        "S1 Mini can be downloaded only by who is logged in to Hugging Face.",
        "Log in: lectern login",
    ),
    (engine.HubError, "bad_token"): (
        "Hugging Face does not know the access token{_whence}.",
        "Make a new one at {_tokens_page}, then log in: lectern login",
    ),
    (engine.HubError, "environment_token"): (
        "Hugging Face does not know the access token in the environment's HF_TOKEN, which hides the saved one.",
        "Take it away (unset HF_TOKEN), or put the right one there.",
    ),
    (engine.HubError, "token_forbids"): (
        "The access token{_whence} has no right to read S1 Mini{_detail}.",
        "Make one of the type “Read” at {_tokens_page}, then log in: lectern login",
    ),
    (engine.HubError, "licence_not_accepted"): (
        "S1 Mini needs its licence accepted on its page.",
        "Accept it at {_model_page}, with the account that is logged in here, then try again.",
    ),
    (engine.HubError, "not_found"): (
        "Hugging Face does not have what was asked for{_detail}.",
        "Check the revision, and HF_ENDPOINT if it is set.",
    ),
    (engine.HubError, "offline"): (
        "Hugging Face is not asked, because HF_HUB_OFFLINE is set.",
        "Take it away (unset HF_HUB_OFFLINE) to download.",
    ),
    (engine.HubError, "network"): (
        "Hugging Face cannot be reached{_detail}.",
        "Check the network connection; what is downloaded by then is kept.",
    ),
    (engine.HubError, "proxy"): (
        "The proxy lets nothing through to Hugging Face{_detail}.",
        "Check the environment's HTTPS_PROXY and NO_PROXY, or ask who runs the network.",
    ),
    (engine.HubError, "proxy_kind"): (
        "The proxy{_detail} is of a kind that Lectern cannot use.",
        "Use an HTTP or a SOCKS 5 proxy (HTTPS_PROXY, ALL_PROXY), or name the Hub's computer in NO_PROXY.",
    ),
    (engine.HubError, "login_page"): (
        "Another page comes instead of Hugging Face{_detail}: most likely this network wants you to log in.",
        "Open any page in your browser and log in there; what is downloaded by then is kept.",
    ),
    (engine.HubError, "wrong_answer"): (
        "Something on the way to Hugging Face answers with other bytes than were asked for{_detail}.",
        "Try again later, on another network or without its proxy; what is downloaded by then is kept.",
    ),
    (engine.HubError, "rate_limited"): (
        "Hugging Face takes no more requests for a while.",
        "Try again {_later}; what is downloaded by then is kept.",
    ),
    (engine.HubError, "server"): (
        "Hugging Face does not answer as it should{_detail}.",
        "Try again later; what is downloaded by then is kept.",
    ),
    (engine.HubError, "stalled"): (
        "The download has stalled: nothing comes any more.",
        "Check the network connection; what is downloaded by then is kept.",
    ),
    (engine.HubError, "corrupt"): (
        "The file {e.detail} came damaged, twice.",
        "Try again later, or on another network; what was downloaded before is kept.",
    ),
    (engine.HubError, "changed"): (
        "Hugging Face gives another file {e.detail} than it promises.",
        "Try again later; what else is downloaded by then is kept.",
    ),
    (engine.HubError, "busy"): (
        "Another download into {e.detail} is going on.",
        "Wait for it, or stop it.",
    ),
    (engine.HubError, "login_denied"): (
        "The login was refused in the browser.",
        "Log in again, and allow it there.",
    ),
    (engine.HubError, "login_expired"): (
        "The code was not typed in time.",
        "Log in again for a new one.",
    ),
    (engine.NarrationError, "busy"): (
        "Another Lectern is working on the narration in {e.path}.",
        "Wait for it, or stop it.",
    ),
    (engine.NarrationError, "no_project"): (
        "There is no narration in {e.path}.",
        "Leave out --resume to begin one.",
    ),
    (engine.NarrationError, "newer"): (
        "The narration's file {e.detail} was written by a later Lectern.",
        "Use that one, or begin anew with --project and another folder.",
    ),
    (engine.NarrationError, "damaged"): (
        "The narration's file {e.detail} is damaged.",
        "Run the same command again, which speaks what is missing; if it stays so, delete that file.",
    ),
    (engine.NarrationError, "sounds_damaged"): (
        "Damaged sounds were found in the narration in {e.path}: {e.detail}.",
        "Run the same command again, which speaks them anew.",
    ),
    (engine.NarrationError, "no_chapter"): (
        "There is no chapter {e.detail}.",
        "Look at the chapters with: lectern narrate --dry-run",
    ),
    (engine.NarrationError, "nothing_to_speak"): (
        "No chapter is left in that has anything to speak.",
        "Choose some with --chapters.",
    ),
    (engine.NarrationError, "not_finished"): (
        "Not all of the book is spoken yet: {e.detail} sentences have no sound.",
        "Go on with the narration first.",
    ),
    (engine.NarrationError, "no_sentence"): (
        "There is no sentence {e.detail} in this narration.",
        "Its text was changed: look at the list again.",
    ),
    (engine.ServerError, "not_installed"): (
        "The HTTP interface needs packages that are not installed{_detail}.",
        "Install them: pip install 'lectern[server]'",
    ),
    (engine.ServerError, "needs_key"): (
        "The address {e.address} can be reached from other computers, and no key keeps them out.",
        "Give it a key (in the settings, LECTERN_API_KEY or --api-key), listen on 127.0.0.1, or say --insecure.",
    ),
    (engine.ServerError, "address"): (
        "The address {e.address} cannot be listened on{_detail}.",
        "End the program that does, or choose another (in the settings, or --listen HOST:PORT).",
    ),
    (engine.PlanError, "empty"): ("One of the two chapters would be empty.", "Divide it elsewhere."),
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
        "Convert it first, for example: iconv -f WINDOWS-1252 -t UTF-8",
    ),
    (PlaybackError, "no_library"): (
        "Sound cannot be played, because the library PortAudio is not installed.",
        "Install it (sudo apt install libportaudio2 libasound2-plugins), or write a file with -o FILE.wav.",
    ),
    (PlaybackError, "no_device"): (
        "There is no sound output device.",
        "Connect one, or write a file with -o FILE.wav.",
    ),
    (PlaybackError, "refused"): (
        "The sound output device cannot be opened{_detail}.",
        "Close the program that uses it, choose another in the sound settings, or write a file with -o FILE.wav.",
    ),
    (PlaybackError, "vanished"): (
        "The sound output device went away while Lectern was speaking.",
        "Connect it again and repeat.",
    ),
    (PlaybackError, "stalled"): (
        "The sound output device has stopped taking sound.",
        "Choose another in the sound settings, or connect it again.",
    ),
    (PlaybackError, "elsewhere"): (
        "The sound device {e.detail} is not there, so the desktop's default plays in its place.",
        "Connect it, or choose another in the settings.",
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
    (NoCheckpointError, ""): (
        "S1 Mini is not on this computer.",
        "{_download}, or pass its folder with --checkpoint.",
    ),
    (RuntimeFolderError, ""): (
        "The folder {e.path}, through which Lectern's commands reach it, cannot be used{_detail}.",
        "Delete that folder, then try again.",
    ),
    (RemoteError, "no_answer"): (
        "Lectern is running, but did not answer within {e.limit_s:.0f} seconds.",
        "Try again; if it stays so, end it and start it anew.",
    ),
    (RemoteError, "too_long"): (
        "The text has {e.found:,} bytes; at most {e.limit:,} can be read from the command line.",
        "Open it in the window, or speak it with: lectern say",
    ),
    (RemoteError, "bad_answer"): (
        "Lectern is running, but hung up without an answer.",
        "Try again; if it stays so, end it and start it anew.",
    ),
    (NotRunningError, ""): ("Lectern is not running.", "Start it with: lectern"),
    (StartError, "no_window"): (
        "The windows need PySide6, which is not installed.",
        "In a checkout, make run installs it; elsewhere, install Lectern again.",
    ),
    (StartError, "no_desktop"): (
        "There is no desktop to show a window on, because neither DISPLAY nor WAYLAND_DISPLAY is set.",
        "Run this from a terminal on the desktop, or speak without a window: lectern say",
    ),
    (StartError, "ended"): ("Lectern ended while it was starting{_detail}.", "The rest is in {e.log}."),
    (StartError, "no_answer"): (
        "Lectern was started, but did not answer within {e.limit_s:.0f} seconds.",
        "Wait a little and try again; if it stays so, look into {e.log}.",
    ),
    (InstallError, "platform"): (
        "Only Linux desktops take the entry that `lectern install-desktop` writes.",
        "On Windows, packaging/install.ps1 makes the entry in the start menu.",
    ),
    (InstallError, "no_icon"): ("Lectern's icon {e.path} is missing.", "Install Lectern again."),
    (InstallError, "failed"): ("{e.path} could not be written or removed{_detail}.", "Check its permissions."),
    (PyTorchError, "no_installer"): (
        "PyTorch cannot be installed, because there is neither uv nor pip beside this Python.",
        "Install uv (https://docs.astral.sh/uv/), then run this again: lectern install-pytorch",
    ),
    (PyTorchError, "not_described"): (
        "This Lectern does not say which PyTorch it needs.",
        "Install Lectern again.",
    ),
    (PyTorchError, "index"): (
        "PyTorch's own packages at {e.detail} cannot be reached.",
        "Check the network connection, or run this to take what can be had: lectern install-pytorch",
    ),
    (PyTorchError, "disk_full"): (
        "PyTorch could not be installed, because the disk is full.",
        "Make room (6 GB, or 1.5 GB without an NVIDIA GPU), then run this again: lectern install-pytorch",
    ),
    (PyTorchError, "not_allowed"): (
        "PyTorch could not be installed, because this Python's packages may not be changed{_detail}.",
        "Install Lectern for you alone with packaging/install.sh, or into a virtual environment.",
    ),
    (PyTorchError, "network"): (
        "PyTorch could not be downloaded{_detail}.",
        "Check the network connection, then run this again: lectern install-pytorch",
    ),
    (PyTorchError, "failed"): (
        "PyTorch could not be installed{_detail}.",
        "Run this to see all that the installer says: lectern install-pytorch",
    ),
    (PyTorchError, "does_not_load"): (
        "PyTorch is installed, but does not load{_detail}.",
        "Look what is missing: lectern doctor",
    ),
    (PyTorchError, "failed_above"): (
        "PyTorch could not be installed.",
        "What stands above says why; once it is mended, run this again: lectern install-pytorch",
    ),
    (TerminalError, ""): (
        "Sound was to go to standard output, which is not a pipe or a file.",
        "Use -o - only before a pipe or a redirection, or name a file.",
    ),
}


# The same -> what helps in a window, and the button that does it: where the remedy above is something to type.
_AGAIN = "Try again; if it stays so, Doctor says what is missing."
_ANEW = ("Get it again, or choose another folder.", Mend.GET_S1)
_LOG_IN = ("Log in again.", Mend.ENTER_TOKEN)
_IN_A_WINDOW: dict[tuple[type[Exception], str], tuple[str, Mend]] = {
    (engine.DeviceError, "no_cuda"): ("Choose “Best there is” or the processor for S1 Mini.", Mend.SET_S1),
    (engine.DeviceError, "out_of_memory"): (
        "Close other programs that use the GPU, or choose the processor for S1 Mini.",
        Mend.SET_S1,
    ),
    (engine.DeviceError, "failed"): (
        "Try again; if it stays so, restart the computer or choose the processor for S1 Mini.",
        Mend.SET_S1,
    ),
    (engine.CheckpointError, "folder_missing"): ("Get S1 Mini, or choose another folder.", Mend.GET_S1),
    (engine.CheckpointError, "unsafe"): ("Delete it, then get S1 Mini again.", Mend.GET_S1),
    (engine.CheckpointError, "unfinished"): ("Go on with it.", Mend.GET_S1),
    **{
        (engine.CheckpointError, problem): _ANEW
        for problem in (
            *("file_missing", "unreadable", "config", "tensor_missing", "tensor_extra", "tensor_shape"),
            *("tokenizer", "changed", "not_finite"),
        )
    },
    (engine.HostError, "crashed"): (_AGAIN, Mend.FIND_OUT),
    (engine.HostError, "hung"): (_AGAIN, Mend.FIND_OUT),
    (engine.HostError, "raised"): (_AGAIN, Mend.FIND_OUT),
    (engine.PronunciationError, "unknown"): ("Open the dictionary again.", Mend.FIND_OUT),
    (engine.VoiceError, "unknown"): ("Choose another voice.", Mend.FIND_OUT),
    (engine.VoiceError, "no_sound"): ("Get S1 Mini to hear it.", Mend.GET_S1),
    (engine.CodesFileError, "unreadable"): ("Make it anew from a recording.", Mend.FIND_OUT),
    (engine.CodesFileError, "shape"): ("Make them anew from a recording.", Mend.FIND_OUT),
    (engine.CodesFileError, "dtype"): ("Make them anew from a recording.", Mend.FIND_OUT),
    (engine.HubError, "no_token"): ("Log in first.", Mend.ENTER_TOKEN),
    (engine.HubError, "bad_token"): ("Make a new one, then log in with it.", Mend.ENTER_TOKEN),
    (engine.HubError, "token_forbids"): ("Make one of the type “Read”, then log in with it.", Mend.ENTER_TOKEN),
    (engine.HubError, "environment_token"): (
        "Use the saved one, or start Lectern with the right one there.",
        Mend.USE_SAVED_TOKEN,
    ),
    (engine.HubError, "offline"): ("Start Lectern without it to download.", Mend.TRY_AGAIN),
    (engine.NarrationError, "no_project"): ("Add the book again.", Mend.TRY_AGAIN),
    (engine.NarrationError, "newer"): ("Use that one, or add the book again.", Mend.TRY_AGAIN),
    (engine.NarrationError, "damaged"): ("Try again, which speaks what is missing.", Mend.TRY_AGAIN),
    (engine.NarrationError, "no_chapter"): ("Look at the chapters again.", Mend.TRY_AGAIN),
    (engine.NarrationError, "nothing_to_speak"): ("Tick some chapters.", Mend.TRY_AGAIN),
    (engine.ServerError, "not_installed"): ("Install Lectern with its part for other programs.", Mend.FIND_OUT),
    (engine.ServerError, "needs_key"): ("Give it a key, or listen on 127.0.0.1.", Mend.FIND_OUT),
    (engine.ServerError, "address"): ("End the program that does, or choose another.", Mend.FIND_OUT),
    (InputError, "missing"): ("Check the path.", Mend.TRY_AGAIN),
    (InputError, "encoding"): ("Save it as UTF-8 in the program that it comes from.", Mend.TRY_AGAIN),
    (PlaybackError, "no_library"): (
        "Install the packages libportaudio2 and libasound2-plugins, then read again; Doctor has the command to copy.",
        Mend.FIND_OUT,
    ),
    (PlaybackError, "no_device"): ("Connect one, or save the text as a sound file.", Mend.SET_READING),
    (PlaybackError, "refused"): ("Close the program that uses it, or choose another device.", Mend.SET_READING),
    (PlaybackError, "vanished"): ("Connect it again, or choose another device.", Mend.SET_READING),
    (PlaybackError, "stalled"): ("Connect it again, or choose another device.", Mend.SET_READING),
    (PlaybackError, "elsewhere"): ("Connect it, or choose another device.", Mend.SET_READING),
    (RecordingError, "no_library"): (
        "Install the packages libportaudio2 and libasound2-plugins, or add a voice from a file.",
        Mend.FIND_OUT,
    ),
    (engine.TorchError, "missing"): ("Install it.", Mend.INSTALL_PYTORCH),
    (engine.TorchError, "broken"): ("Install it again.", Mend.INSTALL_PYTORCH),
    (PyTorchError, "no_installer"): ("Install uv from docs.astral.sh/uv, then try again.", Mend.INSTALL_PYTORCH),
    (PyTorchError, "index"): ("Check the network connection, then try again.", Mend.INSTALL_PYTORCH),
    (PyTorchError, "disk_full"): (
        "Make room (6 GB, or 1.5 GB without an NVIDIA GPU), then try again.",
        Mend.INSTALL_PYTORCH,
    ),
    (PyTorchError, "network"): ("Check the network connection, then try again.", Mend.INSTALL_PYTORCH),
    (PyTorchError, "failed"): ("Try again; if it stays so, Doctor says what is missing.", Mend.INSTALL_PYTORCH),
    (PyTorchError, "failed_above"): ("Try again; if it stays so, Doctor says what is missing.", Mend.INSTALL_PYTORCH),
    (PyTorchError, "does_not_load"): ("Install it again; if it stays so, Doctor says why.", Mend.INSTALL_PYTORCH),
    (NoCheckpointError, ""): ("Get it, or choose the folder that has it.", Mend.GET_S1),
    (NotRunningError, ""): ("Start it.", Mend.TRY_AGAIN),
    (RemoteError, "too_long"): ("Open it in the window.", Mend.TRY_AGAIN),
    (StartError, "no_desktop"): ("Start it on the desktop.", Mend.TRY_AGAIN),
    (InstallError, "platform"): ("Install Lectern with the program for this system.", Mend.TRY_AGAIN),
    (TerminalError, ""): ("Name a file.", Mend.TRY_AGAIN),
}


def explain(error: engine.EngineError | DesktopError | OSError) -> Message:
    """Say what `error` is, and what helps in a window: something to press, never something to type at a prompt."""
    if isinstance(error, OSError):
        return Message(f"The system refused something: {error}.", "Mend that and try again.")
    message = explain_at_prompt(error)
    remedy, mend = _IN_A_WINDOW.get((type(error), getattr(error, "problem", "")), (message.remedy, message.mend))
    return Message(message.sentence, remedy, mend)


def explain_at_prompt(error: engine.EngineError | DesktopError) -> Message:
    """Say what `error` is, and what helps on the command line."""
    problem = getattr(error, "problem", "")
    sentence, remedy = _MESSAGES[type(error), problem]
    detail = getattr(error, "detail", "") or getattr(error, "found", "")
    fields = {
        "e": error,
        "_detail": _in_brackets(detail),
        "_languages": " ".join(engine.LANGUAGES),
        "_known": _known_voices(getattr(error, "known", ())),
        "_again": _download_command(_checkpoint_folder(error)) if isinstance(error, engine.CheckpointError) else "",
        "_room": _room(error) or _in_brackets(detail),
        "_whence": _WHENCE.get(getattr(error, "token_source", ""), ""),
        "_later": _later(getattr(error, "retry_after_s", None)),
        "_model_page": MODEL_PAGE,
        "_tokens_page": TOKENS_PAGE,
        "_download": how_to_get_s1(error.folder) if isinstance(error, NoCheckpointError) else "",
    }
    return Message(sentence.format(**fields), remedy.format(**fields), mend_of(error))


def _in_brackets(detail: object) -> str:
    """What a system, a library or the Hub said; nobody reads a page of it."""
    words = plain_line(str(detail), MAX_DETAIL).rstrip(".") if detail else ""
    return f" ({words})" if words else ""


_HUB_MENDS = {
    "no_token": Mend.ENTER_TOKEN,
    "bad_token": Mend.ENTER_TOKEN,
    "token_forbids": Mend.ENTER_TOKEN,
    "environment_token": Mend.USE_SAVED_TOKEN,
    "licence_not_accepted": Mend.OPEN_LICENCE_PAGE,
}


def mend_of(error: engine.EngineError | DesktopError) -> Mend:
    """Choose the button that mends `error`."""
    match error:
        case engine.HubError():
            return _HUB_MENDS.get(error.problem, Mend.TRY_AGAIN)
        case engine.CheckpointError():
            return Mend.GET_S1
        case engine.TorchError():
            return Mend.INSTALL_PYTORCH
        case _:
            return Mend.FIND_OUT


def how_to_get_s1(folder: Path) -> str:
    """Describe the steps to a checkpoint in `folder`, as an instruction without a full stop."""
    return f"Accept the licence at {MODEL_PAGE}, then run: lectern login && {_download_command(folder)}"


def _download_command(folder: Path) -> str:
    return f"lectern download --to {shlex.quote(str(folder))}"


_WHENCE = {"environment": " in the environment's HF_TOKEN", "saved": " that is saved on this computer"}


def _room(error: engine.EngineError | DesktopError) -> str:
    """What is needed and what is there, where a download knows it."""
    if not isinstance(error, engine.OutputError) or not error.needed_bytes:
        return ""
    kept = f", and an earlier download keeps {size(error.kept_bytes)} until then" if error.kept_bytes else ""
    return f": {size(error.needed_bytes)} are needed, and {size(error.free_bytes)} are free{kept}"


def size(n_bytes: float) -> str:
    """Write a number of bytes as a person reads it: "3.6 GB"."""
    for unit, factor in (("GB", 1e9), ("MB", 1e6)):
        if n_bytes >= factor:
            return f"{n_bytes / factor:.1f} {unit}"
    return f"{n_bytes / 1e3:.0f} kB"


def duration(seconds: float) -> str:
    """Write a time as a person reads it, rounded: "40 s", "3 min", "1 h 05 min"."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"


def _later(seconds: float | None) -> str:
    return "later" if seconds is None else f"in {duration(seconds)}"


def _checkpoint_folder(error: engine.CheckpointError) -> Path:
    """`path` is the folder or a file in it."""
    return error.path.parent if error.path.suffix else error.path


def _known_voices(known: tuple[str, ...]) -> str:
    if known:
        more = f" and {len(known) - MAX_NAMES} more" if len(known) > MAX_NAMES else ""
        return f"There are: {', '.join(known[:MAX_NAMES])}{more}."
    return "Make one of a recording (lectern voices add), or give the path of a voice's file or folder."


def explain_http_setting(error: engine.EngineError) -> Message:
    """Explain in a window why the running application does not answer other programs: its remedies are fields there."""
    match error:
        case engine.OptionError("--listen", found, expected):
            return Message(f"The address {found} cannot be used.", f"It can be {expected}.")
        case engine.OptionError("--allow-origin", found, expected):
            return Message(f"No web page can be let in as {found}.", f"It can be {expected}.")
        case engine.ServerError("needs_key", address):
            return Message(f"{address} can be reached from other computers.", "Enter a key that they must know.")
        case engine.ServerError("address", address, detail):
            return Message(
                f"{address} cannot be listened on ({detail}).", "End the program that does, or enter another."
            )
        case engine.VoiceError("unknown"):
            return Message(str(explain_at_prompt(error)), "Or leave the default voice empty.")  # with those there are
    return explain(error)


def explain_choice(choice: EngineChoice) -> Message:
    """Say which engine speaks, and why it is not a better one."""
    speaking, better = f"Speaking with {choice.engine.spoken_name}", best_engine().display_name
    match choice.reason:
        case ChoiceReason.VOICE_NAMED:
            return Message(f"{speaking}, as asked.")
        case ChoiceReason.NO_CHECKPOINT:
            words = f"{speaking}, because {better} is not on this computer."
            return Message(words, "`lectern doctor` says how to get it.")
        case ChoiceReason.NO_TORCH:
            words = f"{speaking}, because PyTorch, which {better} needs, is not here or does not load."
            return Message(words, "Install it: lectern install-pytorch")
        case ChoiceReason.NO_CUDA:
            words = f"{speaking}, because there is no NVIDIA GPU."
            return Message(words, f"Pass --device cpu to hear {better}, slowly.")
        case _:
            return Message(f"{speaking}.")


_DOUBTS = {
    SegmentProblem.FRAME_CAP: "its end was not found in time, so it may be cut short or go on too long",
    SegmentProblem.STUCK: "the voice got stuck on one sound",
    SegmentProblem.SILENT: "nothing can be heard",
    SegmentProblem.INTERRUPTED: "it was interrupted and began again",
}


def explain_warning(problem: SegmentProblem, text: str) -> Message:
    """Explain what is wrong with a spoken segment that begins with `text`."""
    beginning = text if len(text) <= 40 else f"{text[:39].rstrip()}…"
    return Message(f"Listen again to “{beginning}”: {_DOUBTS[problem]}.", "Another --seed may speak it better.")
