"""The one door to the engine: what the desktop, the command line and the server may use.

Importing it loads neither PyTorch, nor Qt, nor PyAV; each function brings in what it needs when it is called.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from engine.audio.fades import fade_in
from engine.choice import (
    BUILT_IN,
    DEVICE_WISHES,
    PRECISIONS,
    ChoiceReason,
    DeviceWish,
    EngineChoice,
    built_in_variant,
    choose_engine,
    is_built_in,
)
from engine.errors import (
    AudioFileError,
    BuiltInVoiceError,
    CheckpointError,
    CodesFileError,
    DeviceError,
    DocumentError,
    EngineError,
    HostError,
    HubError,
    NarrationError,
    OptionError,
    OutputError,
    PlanError,
    PromptTooLongError,
    PronunciationError,
    ServerError,
    TextError,
    TorchError,
    VoiceError,
)
from engine.files.disk import readable_name, set_aside, write_whole
from engine.files.json_files import build as build_from_json
from engine.files.json_files import json_bytes, parse_object
from engine.host.codec_work import CodecFacts
from engine.host.protocol import (
    HostEnded,
    HostFailed,
    HostLimits,
    HostPong,
    HostProgress,
    HostReady,
    HostReply,
    HostSaid,
    Opener,
    StartStage,
)
from engine.host.protocol import Work as EngineWork
from engine.machine.torch_check import TorchReport, is_torch_installed, require_torch
from engine.narration.checks import Doubt
from engine.narration.document import Chapter, Document, Omission, OmissionReason
from engine.narration.edits import Piece, PlannedChapter
from engine.narration.edits import divided as divided_chapter
from engine.narration.edits import joined as joined_chapters
from engine.narration.project_files import DICTIONARY_NAME as BOOK_DICTIONARY
from engine.narration.project_files import Book
from engine.narration.sentences import LeftOut, Sentence
from engine.narration.settings import FORMATS as NARRATION_FORMATS
from engine.narration.settings import MAX_MENDINGS, SUBTITLES, NarrationSettings, Pauses
from engine.server.settings import ServerLimits, ServerSettings, parse_address
from engine.types import (
    LANGUAGES,
    MAX_RATE_HZ,
    MAX_TEXT_CHARS,
    MIN_RATE_HZ,
    SAMPLE_RATE_HZ,
    AudioCodec,
    BatchingEngine,
    CancelToken,
    CloningEngine,
    EngineStatus,
    PcmChunk,
    Pronunciation,
    Reference,
    Segment,
    SegmentDone,
    SegmentProblem,
    SegmentRestarted,
    SegmentStarted,
    SegmentTiming,
    SourceMap,
    SpeechEngine,
    SpeechEvent,
    SpeechOptions,
    SpeechRequest,
    Voice,
    Word,
    as_batching,
    codec_of,
)
from engine.voice_library.gallery import MAX_VOICES, Audition, Candidate
from engine.voice_library.improvised import ImprovisedVoice
from engine.voice_library.names import checked_name
from engine.voice_library.scripts import script_in
from engine.voice_library.values import (
    MAX_ADVISED_S,
    MAX_RECORDING_S,
    MAX_RECORDINGS,
    MIN_ADVISED_S,
    RecordingCheck,
    RecordingDoubt,
    RemovedVoice,
    StoredVoice,
    VoiceInfo,
    VoiceRecording,
)
from engine.weights import (
    CHECKPOINT_FILES,
    CODEC_FILES,
    BrowserLogin,
    DownloadLimits,
    DownloadProgress,
    DownloadStage,
    HubAccount,
    TokenSource,
    download_folder,
    find_checkpoint,
    missing_files,
    usual_folders,
)
from engine.whole_segments import WholeSegments

if TYPE_CHECKING:
    from engine.audio.files import AudioWriter, WavStream
    from engine.audio.resampling import StreamResampler
    from engine.audio.tempo import TempoChanger
    from engine.host.process import EngineProcess
    from engine.narration.export import ExportProgress
    from engine.narration.preview import TextPreview
    from engine.narration.project import Project as NarrationProject
    from engine.narration.render import NarrationProgress
    from engine.narration.report import DoubtfulSentence as DoubtfulSentence
    from engine.narration.report import NarrationReport
    from engine.server.run import HttpServer
    from engine.speech.self_check import PartCheck
    from engine.text import Marker
    from engine.voice_library.library import VoiceLibrary
    from engine.voice_library.sound import Sound

__all__ = [
    "BOOK_DICTIONARY",
    "BUILT_IN",
    "CHECKPOINT_FILES",
    "CODEC_FILES",
    "DEVICE_WISHES",
    "LANGUAGES",
    "MAX_ADVISED_S",
    "MAX_MENDINGS",
    "MAX_RATE_HZ",
    "MAX_RECORDINGS",
    "MAX_RECORDING_S",
    "MAX_TEXT_CHARS",
    "MAX_VOICES",
    "MIN_ADVISED_S",
    "MIN_RATE_HZ",
    "NARRATION_FORMATS",
    "PRECISIONS",
    "SAMPLE_RATE_HZ",
    "SUBTITLES",
    "AudioCodec",
    "AudioFileError",
    "Audition",
    "BatchingEngine",
    "Book",
    "BrowserLogin",
    "BuiltInVoiceError",
    "CancelToken",
    "Candidate",
    "Chapter",
    "CheckpointError",
    "ChoiceReason",
    "CloningEngine",
    "CodecFacts",
    "CodesFileError",
    "DeviceError",
    "DeviceWish",
    "Document",
    "DocumentError",
    "Doubt",
    "DownloadLimits",
    "DownloadProgress",
    "DownloadStage",
    "EngineChoice",
    "EngineError",
    "EngineStatus",
    "EngineWork",
    "HostEnded",
    "HostError",
    "HostFailed",
    "HostLimits",
    "HostPong",
    "HostProgress",
    "HostReady",
    "HostReply",
    "HostSaid",
    "HubAccount",
    "HubError",
    "ImprovisedVoice",
    "LeftOut",
    "NarrationError",
    "NarrationSettings",
    "Omission",
    "OmissionReason",
    "Opener",
    "OptionError",
    "OutputError",
    "Pauses",
    "PcmChunk",
    "Piece",
    "PlanError",
    "PlannedChapter",
    "PromptTooLongError",
    "Pronunciation",
    "PronunciationError",
    "RecordingCheck",
    "RecordingDoubt",
    "Reference",
    "RemovedVoice",
    "Segment",
    "SegmentDone",
    "SegmentProblem",
    "SegmentRestarted",
    "SegmentStarted",
    "SegmentTiming",
    "Sentence",
    "ServerError",
    "ServerLimits",
    "ServerSettings",
    "SourceMap",
    "SpeechEngine",
    "SpeechEvent",
    "SpeechOptions",
    "SpeechRequest",
    "StartStage",
    "StoredVoice",
    "TextError",
    "TokenSource",
    "TorchError",
    "TorchReport",
    "Voice",
    "VoiceError",
    "VoiceInfo",
    "VoiceRecording",
    "WholeSegments",
    "Word",
    "as_batching",
    "batch_work",
    "build_from_json",
    "built_in_opener",
    "built_in_variant",
    "built_in_variants",
    "check_licence",
    "check_output",
    "check_pronunciation",
    "check_recording",
    "check_recording_file",
    "check_s1_parts",
    "check_text",
    "check_voice",
    "checked_name",
    "choose_engine",
    "codec_of",
    "create_narration",
    "decode_text",
    "decode_work",
    "describe_codec_work",
    "discard_download",
    "divided_chapter",
    "document_endings",
    "download_checkpoint",
    "download_folder",
    "encode_voice",
    "encode_work",
    "export_narration",
    "fade_in",
    "find_checkpoint",
    "find_markers",
    "find_voice_folders",
    "has_cuda",
    "hub_account",
    "improvise",
    "is_built_in",
    "is_narration",
    "is_torch_installed",
    "joined_chapters",
    "json_bytes",
    "known_markers",
    "language_names",
    "list_voices",
    "load_voice",
    "log_in",
    "log_in_with_browser",
    "log_out",
    "make_voice",
    "measure_speed",
    "missing_files",
    "narrate",
    "narrated_paths",
    "narration_identity",
    "narration_sound",
    "open_built_in_voice",
    "open_codec",
    "open_narration",
    "open_resampler",
    "open_s1",
    "open_tempo_changer",
    "open_voice_library",
    "parse_address",
    "parse_object",
    "preview_text",
    "read_audio",
    "read_codes",
    "read_dictionary",
    "read_document",
    "read_text",
    "read_voice",
    "readable_name",
    "remove_checkpoint",
    "report_on_narration",
    "resample",
    "s1_opener",
    "saved_token",
    "script_in",
    "sentence_start",
    "serve_http",
    "set_aside",
    "sound_of_samples",
    "sound_of_voice",
    "start_engine_process",
    "start_http_server",
    "tidy_narration",
    "token_source",
    "transcript_beside",
    "unfinished_download",
    "usual_folders",
    "verify_checkpoint",
    "with_pronunciation",
    "without_pronunciation",
    "write_audio",
    "write_codes",
    "write_dictionary",
    "write_voice",
    "write_wav_stream",
    "write_whole",
]


def open_built_in_voice() -> SpeechEngine:
    """The built-in voice; first audio within milliseconds. Raises `BuiltInVoiceError`."""
    from engine.builtin import BuiltInVoice

    return BuiltInVoice()


def built_in_variants() -> tuple[str, ...]:
    """The names of the built-in voice's variants."""
    from engine.builtin import variants

    return tuple(variants())


def open_s1(
    checkpoint: Path, device: str = "auto", precision: str = "auto", cache_folder: Path | None = None
) -> CloningEngine:
    """S1 Mini on "cuda" or "cpu" ("auto": CUDA where there is one), in one of `PRECISIONS`.

    What is compiled is kept in `cache_folder`; None compiles nothing. Raises `CheckpointError`, `DeviceError`,
    `TorchError`.
    """
    require_torch()
    from engine.speech.s1_engine import S1Engine

    return S1Engine.load(checkpoint, device, precision, cache_folder=cache_folder)


def built_in_opener() -> Opener:
    """Opens the built-in voice in a process of its own. Raises `BuiltInVoiceError` there."""
    from engine.host.openers import BuiltInOpener

    return BuiltInOpener()


def s1_opener(
    checkpoint: Path,
    device: str = "auto",
    precision: str = "auto",
    voices_folder: Path | None = None,
    cache_folder: Path | None = None,
) -> Opener:
    """Opens S1 Mini in a process of its own, warmed up; as `open_s1`. Raises `CheckpointError`, `DeviceError`,
    `TorchError` there."""
    from engine.host.openers import S1Opener

    return S1Opener(checkpoint, device, precision, voices_folder, cache_folder)


def start_engine_process(
    opener: Opener, limits: HostLimits | None = None, news: threading.Event | None = None
) -> EngineProcess:
    """An engine in a process of its own, which is starting. `news` is set when it has something to tell."""
    from engine.host.process import EngineProcess

    return EngineProcess(opener, limits, news)


def describe_codec_work() -> EngineWork:
    """For an engine's process: yields the `CodecFacts` of its codec."""
    from engine.host.codec_work import DescribeCodec

    return DescribeCodec()


def batch_work(requests: Sequence[SpeechRequest]) -> EngineWork:
    """Speaks several short texts of one voice at once; yields pairs of a request's number and a `SpeechEvent`, as
    `BatchingEngine.speak_batch` does. How many are worth giving at a time: `EngineStatus.max_batch`."""
    from engine.host.batch_work import SpeakBatch

    return SpeakBatch(tuple(requests))


def encode_work(samples: np.ndarray) -> EngineWork:
    """For an engine's process: of `samples`, float32 `(n,)`, the codes, int64 `(n_codebooks, n_frames)`, in pieces."""
    from engine.host.codec_work import EncodeRecording

    return EncodeRecording(samples)


def decode_work(codes: np.ndarray) -> EngineWork:
    """For an engine's process: yields the samples of `codes`, float32 `(n,)` in pieces."""
    from engine.host.codec_work import DecodeCodes

    return DecodeCodes(codes)


def measure_speed(
    checkpoint: Path | None,
    cache_folder: Path | None = None,
    *,
    device: str = "auto",
    precision: str = "auto",
    n_frames: int = 215,
    n_batch: int = 1,
    report: Callable[[str], object] = lambda _: None,
) -> dict[str, Any]:
    """What S1 Mini does on this computer, measured, as a document ready for JSON. Up to 3 minutes on a CPU.

    `checkpoint` None: random weights in S1 Mini's sizes. `report` is told what is being done. Raises `CheckpointError`,
    `DeviceError`, `OptionError`, `TorchError`.
    """
    require_torch()
    from engine.speech.bench import BenchOptions, run_bench

    return run_bench(BenchOptions(checkpoint, device, precision, cache_folder, n_frames, n_batch), report)


def open_codec(checkpoint: Path, device: str = "auto", cache_folder: Path | None = None) -> AudioCodec:
    """S1 Mini's codec alone. On a CPU its decoder is compiled (once, some seconds) into `cache_folder`; None compiles
    nothing, and who only encodes gains nothing by it. Raises `CheckpointError`, `DeviceError`, `TorchError`."""
    require_torch()
    from engine.speech.codec import Codec

    return Codec.load(checkpoint, device, cache_folder=cache_folder)


def has_cuda() -> bool:
    """Whether PyTorch can use an NVIDIA GPU here; imports PyTorch. Raises `TorchError`."""
    require_torch()
    from engine.machine.device import report_torch

    return bool(report_torch().gpus)


def check_s1_parts(cache_folder: Path) -> Iterator[PartCheck | TorchReport]:
    """Load and use PyTorch, a layer of the codec and the kernels, in a process of its own and a bounded time. What is
    compiled is kept in `cache_folder`."""
    from engine.speech.self_check import check_s1_parts as check

    return check(cache_folder)


def check_text(text: str) -> None:
    """Raise `TextError` when `text` cannot be spoken at all, before anything slow is done for it."""
    from engine.text import check_text as check

    check(text)


def check_pronunciation(entry: Pronunciation) -> None:
    """Raise `PronunciationError` where `entry` cannot be used; a pattern is tried out, so it may take seconds."""
    from engine.text import check_pronunciation as check

    check(entry)


def read_dictionary(path: Path) -> tuple[Pronunciation, ...]:
    """The entries of a pronunciation dictionary; none where there is no file. Raises `PronunciationError`."""
    from engine.text.dictionary import read_dictionary as read

    return read(path)


def write_dictionary(path: Path, entries: Sequence[Pronunciation]) -> None:
    """Keep the entries of a pronunciation dictionary, whole or not at all. Raises `OutputError`."""
    from engine.text.dictionary import write_dictionary as write

    write(path, entries)


def with_pronunciation(entries: Sequence[Pronunciation], entry: Pronunciation) -> tuple[Pronunciation, ...]:
    """The dictionary with `entry`, which takes the place of one for the same writing. Raises `PronunciationError`."""
    from engine.text.dictionary import added

    return added(entries, entry)


def without_pronunciation(
    entries: Sequence[Pronunciation], written: str, language: str | None = None
) -> tuple[Pronunciation, ...]:
    """The dictionary without the entries for `written`. Raises `PronunciationError` ("unknown")."""
    from engine.text.dictionary import removed

    return removed(entries, written, language)


def preview_text(text: str, options: SpeechOptions | None = None) -> TextPreview:
    """What will be spoken of `text` and what will not, and why. Raises `TextError`, `OptionError`."""
    from engine.narration.preview import preview_text as preview

    return preview(text, options)


def sentence_start(text: str, position: int) -> int:
    """Where the sentence around code point `position` of `text` begins."""
    from engine.text import sentence_start as start

    return start(text, position)


def language_names() -> dict[str, str]:
    """The English names of `LANGUAGES` by their codes, in their order."""
    from engine.text.languages import language_names as names

    return names()


def known_markers() -> dict[str, tuple[str, ...]]:
    """The names of the emotion and tone markers, by group; in a text they stand in parentheses."""
    from engine.text import MARKERS

    return dict(MARKERS)


def find_markers(text: str) -> list[Marker]:
    """The markers in `text`, in order, parentheses included."""
    from engine.text import find_markers as find

    return find(text)


def list_voices(voices_folder: Path) -> tuple[str, ...]:
    """The names of the voices in `voices_folder`."""
    from engine.voice_library.loading import list_voices as names

    return names(voices_folder)


def load_voice(name: str, voices_folder: Path, encode: Callable[[np.ndarray], np.ndarray], n_codebooks: int) -> Voice:
    """The voice `name`, or that of a file or folder anywhere. Raises `VoiceError`, `AudioFileError`,
    `CodesFileError`."""
    from engine.voice_library.loading import load_voice as load

    return load(name, voices_folder, encode, n_codebooks)


def open_voice_library(voices_folder: Path) -> VoiceLibrary:
    """The voices in a folder, to look after; its methods wait for the disk."""
    from engine.voice_library.library import VoiceLibrary

    return VoiceLibrary(voices_folder)


def read_voice(path: Path) -> StoredVoice:
    """A voice's file, or a folder with recordings and transcripts. Raises `VoiceError`, `AudioFileError`,
    `CodesFileError`."""
    from engine.voice_library.references import read_any

    return read_any(path)


def write_voice(path: Path, voice: StoredVoice) -> None:
    """A voice's file anywhere, whole or not at all. Raises `OutputError`."""
    from engine.voice_library.voice_file import write_voice_file

    write_voice_file(path, voice, mode=0o644)


def find_voice_folders(path: Path) -> list[Path]:
    """The voices in a folder that can be imported: itself, or folders and files in it. Raises OSError."""
    from engine.voice_library.folders import find_voice_folders as find

    return find(path)


def check_recording_file(path: Path, text: str = "", language: str = "") -> tuple[Sound, RecordingCheck]:
    """A recording read, at its own rate, and what it is like. Raises `AudioFileError`."""
    from engine.voice_library.recordings import check_file

    return check_file(path, text, language)


def check_recording(samples: np.ndarray, rate_hz: int, text: str = "", language: str = "") -> RecordingCheck:
    """What float32 `(n_samples,)` mono is like as a voice's recording; `text` is what is said in it."""
    from engine.voice_library.checks import check_recording as check

    return check(samples, rate_hz, text, language)


def check_voice(voice: StoredVoice) -> list[RecordingCheck | None]:
    """Each of a voice's recordings; None for one whose sound is not kept. Raises `AudioFileError`."""
    from engine.voice_library.recordings import check_voice as check

    return check(voice)


def transcript_beside(path: Path) -> str:
    """What the `.lab` or `.txt` beside a recording says; "" where there is none. Raises `VoiceError`."""
    from engine.voice_library.recordings import transcript_beside as beside

    return beside(path)


def sound_of_samples(samples: np.ndarray, rate_hz: int) -> Sound:
    """float32 `(n_samples,)` mono as a recording is kept."""
    from engine.voice_library.recordings import sound_of_samples as sound_of

    return sound_of(samples, rate_hz)


def make_voice(name: str, sounds: Sequence[tuple[Sound, str]], language: str = "", notes: str = "") -> StoredVoice:
    """A voice of sounds with their transcripts, not encoded yet. Raises `VoiceError` "no_transcript"."""
    from engine.voice_library.recordings import make_voice as make

    return make(name, sounds, language, notes)


def encode_voice(voice: StoredVoice, encode: Callable[[np.ndarray], np.ndarray], n_codebooks: int) -> StoredVoice:
    """`voice` with the codes that it lacks. Raises `VoiceError`, `AudioFileError`."""
    from engine.voice_library.references import encode_voice as encoded

    return encoded(voice, encode, n_codebooks)


def sound_of_voice(voice: StoredVoice) -> tuple[np.ndarray, int] | None:
    """How a voice's recording sounds, float32 `(n_samples,)`, and its rate; None where only codes are kept.
    Raises `AudioFileError`."""
    from engine.voice_library.recordings import sound_of_voice as sound_of

    return sound_of(voice)


def improvise(
    engine: SpeechEngine, seeds: Iterable[int], cancel: CancelToken, language: str = "", text: str = ""
) -> Iterator[Candidate]:
    """Voices to choose from, one for each seed, as they are made; a cancelled run just ends. Raises an `EngineError`,
    among them `VoiceError` "not_improvised" where `engine` is not S1 Mini."""
    from engine.voice_library.gallery import improvise as candidates

    return candidates(engine, seeds, cancel, language, text)


def read_audio(path: Path, sample_rate_hz: int = SAMPLE_RATE_HZ) -> np.ndarray:
    """Any recording as float32 `(n_samples,)` mono. Raises `AudioFileError`."""
    from engine.audio.files import read_audio as read

    return read(path, sample_rate_hz)


def resample(samples: np.ndarray, from_hz: int, to_hz: int) -> np.ndarray:
    """A whole recording, float32 `(n_samples,)`, at another rate. Raises `OptionError`."""
    from engine.audio.resampling import resample as change_rate

    return change_rate(samples, from_hz, to_hz)


def open_resampler(from_hz: int, to_hz: int) -> StreamResampler:
    """Changes the rate of samples that come in chunks. Raises `OptionError`."""
    from engine.audio.resampling import StreamResampler

    return StreamResampler(from_hz, to_hz)


def open_tempo_changer(speed: float, rate_hz: int) -> TempoChanger:
    """Makes samples that come in chunks `speed` (0.25 to 4) times as fast, at the same pitch."""
    from engine.audio.tempo import TempoChanger

    return TempoChanger(speed, rate_hz)


def check_output(path: Path) -> None:
    """Raise `OutputError` when a file `path` can certainly not be written; to ask before long work."""
    from engine.audio.files import check_output as check

    check(path)


def write_audio(path: Path, sample_rate_hz: int = SAMPLE_RATE_HZ) -> AudioWriter:
    """A context manager that writes chunks to a WAV, FLAC, MP3 or Opus file. Raises `OutputError`."""
    from engine.audio.files import AudioWriter

    return AudioWriter(path, sample_rate_hz)


def write_wav_stream(file: IO[bytes], name: str, sample_rate_hz: int = SAMPLE_RATE_HZ) -> WavStream:
    """A context manager that writes chunks as WAV to a pipe, which errors call `name`. Raises `OutputError`."""
    from engine.audio.files import WavStream

    return WavStream(file, name, sample_rate_hz)


def read_codes(path: Path, n_codebooks: int) -> np.ndarray:
    """Codes int64 `(n_codebooks, n_frames)` of a `.npy` file. Raises `CodesFileError`."""
    from engine.audio.codes import read_codes as read

    return read(path, n_codebooks)


def write_codes(path: Path, codes: np.ndarray) -> None:
    """Codes into a `.npy` file, whole or not at all. Raises `OutputError`."""
    from engine.audio.codes import write_codes as write

    write(path, codes)


def download_checkpoint(
    folder: Path,
    cancel: CancelToken,
    *,
    token: str | None = None,
    revision: str | None = None,
    limits: DownloadLimits | None = None,
) -> Iterator[DownloadProgress]:
    """Fetch S1 Mini into `folder`, going on where an earlier run stopped; the blocking form of a download.

    A value comes at least four times a second. After the DONE one the folder is whole and marked as such; a cancelled
    run just ends, within 0.2 s, and what it has fetched stays. `token` None takes the environment's or the saved one.
    `revision` None is the one that is in the folder, or on its way there, else the newest; what is there already is
    verified, and only what is missing or damaged is fetched. Raises `HubError`, `OutputError`.
    """
    from engine.weights.download import download_checkpoint as download

    return download(folder, cancel, token=token, revision=revision, limits=limits)


def unfinished_download(folder: Path) -> DownloadProgress | None:
    """What an earlier run left in `folder`, to be gone on with; None where there is nothing of the kind."""
    from engine.weights.download import unfinished_download as unfinished

    return unfinished(folder)


def verify_checkpoint(folder: Path, cancel: CancelToken) -> Iterator[DownloadProgress]:
    """Read every byte of the checkpoint in `folder`: against the sha256 of its download, or, where the files came
    another way, for what is damaged in itself. VERIFYING, then DONE; a cancelled run just ends.
    Raises `CheckpointError`.
    """
    from engine.weights.verify import verify_checkpoint as verify

    return verify(folder, cancel)


def remove_checkpoint(folder: Path) -> int:
    """Delete the checkpoint in `folder`, parts of downloads too, and nothing else; the bytes that are free again.

    Raises `HubError` ("busy") while a download fills it, and `OutputError`.
    """
    from engine.weights.verify import remove_checkpoint as remove

    return remove(folder)


def discard_download(folder: Path) -> int:
    """Delete what an unfinished download left in `folder`, and no file that is whole; the bytes that are free again.

    Raises `HubError` ("busy") while another fills it, and `OutputError`.
    """
    from engine.weights.verify import discard_download as discard

    return discard(folder)


def token_source() -> TokenSource | None:
    """Where the token is that would be used, without asking the Hub about it; None where there is none.
    Raises `HubError` where it cannot be one."""
    from engine.weights.tokens import find_token

    token = find_token(None)
    return token.source if token else None


def saved_token() -> str | None:
    """The saved token itself, for who wants it used though the environment names another; show it to nobody.
    Raises `HubError` where what is saved cannot be one."""
    from engine.weights.tokens import saved_token as saved

    token = saved()
    return token.text if token else None


def hub_account(token: str | None = None) -> HubAccount:
    """Whose `token` it is, or the environment's or the saved one; asks the Hub. Raises `HubError`."""
    from engine.weights.hub import hub_account as account

    return account(token)


def check_licence(token: str | None = None) -> None:
    """Raise `HubError` unless the account may download S1 Mini: the licence is accepted on the model's page."""
    from engine.weights.hub import check_licence as check

    check(token)


def log_in(token: str) -> HubAccount:
    """Check `token` with the Hub, then keep it where the Hub's own programs do, for the user alone. Raises `HubError`,
    `OutputError`."""
    from engine.weights.login import log_in as login

    return login(token)


def log_out() -> None:
    """Forget the saved token; nothing happens where there is none. Raises `OutputError`."""
    from engine.weights.login import log_out as logout

    logout()


def log_in_with_browser(cancel: CancelToken) -> Iterator[BrowserLogin | HubAccount]:
    """First the page and the code; then, when the person has typed it there, the account, whose token is kept.

    Blocks in between; a cancelled run just ends. Raises `HubError`, `OutputError`.
    """
    from engine.weights.login import log_in_with_browser as login

    return login(cancel)


def serve_http(
    settings: ServerSettings,
    open_engine: Callable[[], SpeechEngine],
    explain: Callable[[EngineError], str],
    on_ready: Callable[[str, EngineStatus], object],
) -> None:
    """Open an engine and serve the HTTP interface with it until a signal ends the program; `on_ready` is given the
    address when clients can come. `explain` makes an error the sentence that a client is told.

    Raises `ServerError`, and what `open_engine` raises.
    """
    _check_server_packages()
    from engine.server.run import run_server

    run_server(settings, open_engine, explain, on_ready)


def start_http_server(
    settings: ServerSettings, speech_engine: SpeechEngine, explain: Callable[[EngineError], str]
) -> HttpServer:
    """Serve the HTTP interface with an engine that is open already, in a thread, until it is closed.

    Loading its packages takes a second. Raises `ServerError`.
    """
    _check_server_packages()
    from engine.server.run import HttpServer

    return HttpServer(settings, speech_engine, explain)


def _check_server_packages() -> None:
    try:
        import engine.server.run  # noqa: F401 - imports them all
    except ModuleNotFoundError as error:
        raise ServerError("not_installed", detail=error.name or "") from error


def read_document(path: Path) -> Document:
    """The text of a book, article or subtitles, with its chapters. Raises `DocumentError`."""
    from engine.narration.reading import read_document as read

    return read(path)


def read_text(path: Path) -> tuple[str, tuple[str, ...]]:
    """The text of a document, and doubts about it; a text file's as it is written. Raises `DocumentError`."""
    from engine.narration.reading import read_text as read

    return read(path)


def decode_text(data: bytes, name: str) -> tuple[str, tuple[str, ...]]:
    """The text of `data`, whatever its encoding, and doubts about it. Raises `DocumentError` about `name`."""
    from engine.text.decoding import decode

    return decode(Path(name), data)


def document_endings() -> tuple[str, ...]:
    """Of the files that `read_document` takes: ".epub" and others."""
    from engine.narration.reading import SUFFIXES

    return SUFFIXES


def is_narration(folder: Path) -> bool:
    """Whether `folder` holds a narration project."""
    from engine.narration.project import is_project

    return is_project(folder)


def create_narration(folder: Path, document: Document, source: Path, settings: NarrationSettings) -> NarrationProject:
    """A project for `document` in `folder`, open for work; one that is there is updated, and keeps what was chosen and
    spoken. A context manager. Raises `NarrationError`, `OutputError`."""
    from engine.narration.project import Project

    return Project.create(folder, document, source, settings)


def open_narration(folder: Path, *, is_writer: bool = True) -> NarrationProject:
    """The project in `folder`; `is_writer` False only looks. Raises `NarrationError`, `OutputError`."""
    from engine.narration.project import Project

    return Project(folder, is_writer=is_writer)


def narration_identity(status: EngineStatus, checkpoint: Path | None) -> str:
    """What an engine is to a narration: its sentences are kept under this; `checkpoint` None is the built-in voice."""
    from engine.narration.recipe import engine_identity

    return engine_identity(status, checkpoint)


def narrate(
    project: NarrationProject, engine: SpeechEngine, identity: str, voice: Voice, cancel: CancelToken
) -> Iterator[NarrationProgress]:
    """Speak what `project` lacks; killed or cancelled at any moment, the next call goes on at the same sentence.

    Raises `NarrationError`, `OutputError`, and what ends the engine.
    """
    from engine.narration.render import narrate as render

    return render(project, engine, identity, voice, cancel)


def report_on_narration(project: NarrationProject, identity: str = "", voice: Voice | None = None) -> NarrationReport:
    """What became of each character; without `identity`, what would become of it."""
    from engine.narration.render import recipe_of
    from engine.narration.report import report_on

    return report_on(project, recipe_of(project, identity, voice or Voice()) if identity else None)


def narrated_paths(
    project: NarrationProject, identity: str, voice: Voice, sentences: Iterable[Sentence]
) -> list[Path | None]:
    """The file of each sentence's sound, 16-bit WAV at `SAMPLE_RATE_HZ`; None where it has none."""
    from engine.narration.render import recipe_of

    recipe, sounds = recipe_of(project, identity, voice), project.sounds
    takes = (sounds.take(recipe.key(sentence)) for sentence in sentences)
    return [sounds.path(take) if take is not None and take.n_samples else None for take in takes]


def tidy_narration(project: NarrationProject, identity: str, voice: Voice) -> int:
    """Delete the sounds that the book, with any of its chapters, does not use any more; how many. Raises
    `OutputError`."""
    from engine.narration.render import recipe_of

    recipe = recipe_of(project, identity, voice)
    used = {recipe.key(s) for number in range(len(project.book.texts)) for s in project.cut(number).sentences}
    return project.sounds.drop_others(used)


def narration_sound(project: NarrationProject, identity: str, voice: Voice) -> Iterator[np.ndarray]:
    """The sound of a project whose sentences are spoken, float32 `(n,)`, with its pauses. Raises `NarrationError`."""
    from engine.narration.render import recipe_of
    from engine.narration.timeline import lay_out, sound_of

    return sound_of(lay_out(project, recipe_of(project, identity, voice)), project.sounds)


def export_narration(
    project: NarrationProject, identity: str, voice: Voice, target: Path, cancel: CancelToken
) -> Iterator[ExportProgress]:
    """The audiobook `target` (a folder, with `per_chapter`) of a project whose sentences are spoken, as its settings
    wish. A cancelled export leaves nothing. Raises `NarrationError`, `OutputError`."""
    from engine.narration.export import export
    from engine.narration.render import recipe_of

    return export(project, recipe_of(project, identity, voice), target, cancel)
