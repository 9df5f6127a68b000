"""Explains errors and decisions to a person: what happened in one sentence, then what helps."""

from __future__ import annotations

from pathlib import Path

import engine
import engine.voice_library
import engine.weights
from desktop.common.errors import DesktopError, NoCheckpointError
from desktop.common.explanations import application, files, narration, speech, voices, weights
from desktop.common.message import Mend, Message
from desktop.common.paths import data_folder
from desktop.common.plain_text import plain_line
from desktop.common.shell_words import one_after_the_other, quote
from engine import SegmentProblem
from engine.registry import ChoiceReason, EngineChoice, EngineEntry, best_engine

MODEL_PAGE = "https://huggingface.co/fishaudio/openaudio-s1-mini"
MAX_NAMES = 12
MAX_DETAIL = 300
TOKENS_PAGE = "https://huggingface.co/settings/tokens"


_ROOMS = (application, files, narration, speech, voices, weights)
_AT_PROMPT = {kind: words for room in _ROOMS for kind, words in room.AT_PROMPT.items()}
_IN_A_WINDOW = {kind: words for room in _ROOMS for kind, words in room.IN_A_WINDOW.items()}


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
    sentence, remedy = _AT_PROMPT[type(error), problem]
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
        case engine.TorchError() if error.problem != "no_runtime":
            return Mend.INSTALL_PYTORCH
        case _:
            return Mend.FIND_OUT


def how_to_get_s1(folder: Path) -> str:
    """Describe the steps to a checkpoint in `folder`, as an instruction without a full stop."""
    steps = one_after_the_other("lectern login", _download_command(folder))
    return f"Accept the licence at {MODEL_PAGE}, then run: {steps}"


def _download_command(folder: Path) -> str:
    is_own = folder == engine.weights.download_folder(data_folder())
    return "lectern download" if is_own else f"lectern download --to {quote(str(folder))}"


_WHENCE = {"environment": " in the environment's HF_TOKEN", "saved": " that is saved on this computer"}


def _room(error: engine.EngineError | DesktopError) -> str:
    """What is needed and what is there, where a download knows it."""
    if not isinstance(error, engine.OutputError) or not error.needed_bytes:
        return ""
    kept = f", and an earlier download keeps {size(error.kept_bytes)} until then" if error.kept_bytes else ""
    return f": {size(error.needed_bytes)} are needed, and {size(error.free_bytes)} are free{kept}"


def counted(n: int, noun: str) -> str:
    """Write how many there are: "1 sound", "2 sounds"."""
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


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


def loading_words(entry: EngineEntry) -> str:
    """Say what is waited for while the engine of `entry` is opened, and that it is not always so long: what suits this
    computer is compiled, tried and prepared once."""
    return f"Loading {entry.display_name} (the first time, that takes a minute or two) …"


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
