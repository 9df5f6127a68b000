"""Puts the state into the words that tray, reader and strip show. No Qt here."""

from __future__ import annotations

from desktop.common.download_state import DownloadPhase, DownloadState
from desktop.common.messages import Mend, Message, duration, size
from desktop.common.state import AppState, EnginePhase, EngineView, Phase
from engine.registry import always_there, best_engine, cloning_engine, engine_displayed, engine_of_voice
from engine.weights import DownloadStage

USUAL_VOICE = "Usual voice"
ON_CPU = "CPU"
"""What an engine calls its device where it has no GPU."""


def engine_line(view: EngineView) -> str:
    """Name the engine, what it does and how much GPU memory it holds: "S1 Mini · ready · 2.3 GB", or how long it
    starts."""
    name = view.name or best_engine().display_name
    match view.phase:
        case EnginePhase.ABSENT:
            return " · ".join(filter(None, (always_there().display_name, view.lacks)))
        case EnginePhase.UNLOADED:
            return f"{name} · not loaded"
        case EnginePhase.STARTING:
            left = "" if view.left_s is None else f", about {duration(view.left_s)}"
            return f"{name} · starting{_share(view.progress)}{left}"
        case EnginePhase.FAILED:
            return f"{name} · not working"
        case EnginePhase.READY:
            parts = [name, "ready"]
            if view.memory_bytes is not None:
                parts.append(size(view.memory_bytes))
            elif view.device == ON_CPU:
                parts.append("on the CPU" + ("" if view.speed is None else f", {view.speed:.1f}× as fast as heard"))
            return " · ".join(parts)


def engine_entry(view: EngineView) -> str:
    """Add to `engine_line` the most memory that it held: "S1 Mini · ready · 2.3 GB, at most 2.9 GB"."""
    peak = "" if view.peak_memory_bytes is None else f", at most {size(view.peak_memory_bytes)}"
    return f"{engine_line(view)}{peak}"


def processor_words(view: EngineView) -> str:
    """Say what it means that the processor computes S1 Mini; empty where a GPU does."""
    if view.phase is not EnginePhase.READY or view.device != ON_CPU:
        return ""
    start = "The processor computes S1 Mini"
    if view.speed is None:
        return f"{start}: on most computers not as fast as it is heard, so there are pauses between sentences."
    if view.speed < 1:
        return f"{start}, about {view.speed:.1f} times as fast as it is heard, so there are pauses between sentences."
    return f"{start}, about {view.speed:.1f} times as fast as it is heard, so it reads ahead."


def memory_words(view: EngineView) -> str:
    """Say whose memory S1 Mini holds, how much, and how much it was at most."""
    peak = view.peak_memory_bytes
    match view.phase:
        case EnginePhase.STARTING:
            return "It is being loaded"
        case EnginePhase.READY if view.memory_bytes is not None:
            most = "" if peak is None else f"; {size(peak)} at most since it was loaded"
            return f"{size(view.memory_bytes)} of the GPU's{most}"
        case EnginePhase.READY if peak is not None:
            return f"{size(peak)} of the computer's at most since it was loaded"
        case EnginePhase.READY:
            return "Not known"
        case _:
            return "None: S1 Mini is not loaded"


def reading_line(state: AppState) -> str:
    """Say what happens to the reading, and by whom; empty when nothing is read."""
    speaker = _as_spoken(state.reading.speaker)
    match state.phase:
        case Phase.PREPARING:
            return f"Preparing {speaker}" if speaker else "Preparing"
        case Phase.SPEAKING:
            return f"Speaking with {speaker}" if speaker else "Speaking"
        case Phase.PAUSED:
            return "Paused"
        case Phase.IDLE:
            return ""


def status_line(state: AppState) -> str:
    """Sum the state up in one line: the reading, the engine, the time to the first sound."""
    parts = [reading_line(state), *engine_line(state.engine).split(" · ")]
    if state.phase in (Phase.PREPARING, Phase.SPEAKING) and parts[1] == state.reading.speaker:
        del parts[1:3]  # who speaks was just said, and it is ready
    if state.download.is_under_way:
        words = download_entry(state.download)
        parts.append(words[:1].lower() + words[1:])
    if state.file_note:
        parts.append(state.file_note)
    if state.reading.first_sound_ms is not None:
        parts.append(f"first sound {state.reading.first_sound_ms / 1000:.1f} s")
    line = " · ".join(part for part in parts if part)
    return line[:1].upper() + line[1:]


def problem(state: AppState) -> Message | None:
    """Choose what is wrong now: of the reading, else of the engine."""
    return state.problem or (state.engine.problem if state.engine.phase is EnginePhase.FAILED else None)


def voice_note(state: AppState) -> Message | None:
    """Say who speaks in place of the chosen voice, and why; None where it is the one that is heard."""
    voice, phase = state.voice, state.engine.phase
    own, bridge = engine_of_voice(voice), always_there()
    if not voice or own == bridge:
        return None
    if own is None and phase is EnginePhase.ABSENT:
        return Message(missing_engine_words(voice), mend=Mend.GET_S1)
    needed = (own or cloning_engine()).display_name
    if own is None and phase is EnginePhase.FAILED:
        problem = state.engine.problem
        mend = Mend.FIND_OUT if problem is None else problem.mend
        return Message(f"{voice} cannot be heard: it needs {needed}, which is not working.", mend=mend)
    if state.is_active and state.reading.speaker == bridge.display_name:
        return Message(f"{_capital(bridge.spoken_name)} speaks until {needed} is ready; then {voice} does.")
    return None


def missing_engine_words(voice: str) -> str:
    """Say who speaks in place of `voice`, which a person keeps, where no engine is here that can."""
    speaking = _capital(always_there().spoken_name)
    return f"{speaking} speaks: {voice} needs {cloning_engine().display_name}, which is not here."


def download_entry(state: DownloadState) -> str:
    """Name the way to S1 Mini in the tray's menu; empty where there is a checkpoint."""
    match state.phase:
        case DownloadPhase.READY:
            return ""
        case DownloadPhase.DOWNLOADING if _waits(state):
            return f"Download of S1 Mini waiting{_share(state.fraction, ' at')}"
        case DownloadPhase.DOWNLOADING:
            return f"Downloading S1 Mini{_share(state.fraction)}"
        case DownloadPhase.PAUSED:
            return f"Download of S1 Mini paused{_share(state.fraction, ' at')}"
        case DownloadPhase.FAILED:
            return f"Download of S1 Mini stopped{_share(state.fraction, ' at')}"
        case DownloadPhase.INSPECTING:
            return f"Checking the files of S1 Mini{_share(state.fraction)}"
        case _:
            return "Get S1 Mini…"


def download_title(state: DownloadState) -> str:
    """Say in two or three words what happens to the bytes."""
    match state.phase:
        case DownloadPhase.PAUSED:
            return "Paused"
        case DownloadPhase.FAILED:
            return "Stopped"
        case DownloadPhase.INSPECTING:
            return "Checking the files"
        case _ if state.progress is None or state.progress.stage is DownloadStage.CHECKING:
            return "Asking what there is to download"
        case _ if _waits(state):
            return "Waiting to try again"
        case _ if state.progress.stage is DownloadStage.VERIFYING:
            return "Checking what was downloaded"
        case _:
            return "Downloading S1 Mini"


def download_line(state: DownloadState) -> str:
    """Say how far the download is: "1.5 GB of 3.6 GB · 12.4 MB/s · 3 min left"."""
    progress = state.progress
    if progress is None:
        return ""
    if not progress.total_bytes:
        return f"Again in {duration(progress.retry_in_s)}" if _waits(state) else ""
    parts = [f"{size(progress.done_bytes)} of {size(progress.total_bytes)}"]
    if state.phase in (DownloadPhase.DOWNLOADING, DownloadPhase.INSPECTING):
        if _waits(state):
            parts.append(f"again in {duration(progress.retry_in_s)}")
        elif progress.bytes_per_s > 0:
            parts.append(f"{size(progress.bytes_per_s)}/s")
            if progress.left_s is not None:
                parts.append(f"{duration(progress.left_s)} left")
    return " · ".join(parts)


def progress_note(state: DownloadState) -> str:
    """Say what closing and giving up do, and whose token is used."""
    parts = []
    if state.phase is DownloadPhase.DOWNLOADING:
        parts.append("You can close this window: the download goes on.")
    if state.is_under_way:
        parts.append("Cancel keeps what is there, to go on with or to delete.")
        parts += [_HIDDEN] if state.hides_environment else []
    return " ".join(parts)


_HIDDEN = "The environment's HF_TOKEN is not used; the saved token is."


def account_words(state: DownloadState) -> str:
    """Say who is logged in, and with which token where there are two."""
    who = f"You are {state.account}." if state.account else "You are logged in."
    return f"{who} {_HIDDEN}" if state.hides_environment else who


def left_words(state: DownloadState) -> str:
    """Say what a download that was given up has left; empty where there is nothing."""
    left = state.left
    if left is None:
        return ""
    return f"{size(left.done_bytes)} of {size(left.total_bytes)} are here and stay, until you go on or delete them."


def _waits(state: DownloadState) -> bool:
    return state.progress is not None and state.progress.stage is DownloadStage.WAITING


def _share(fraction: float | None, before: str = "") -> str:
    """Rounded down: 100 % is the whole."""
    return "" if fraction is None else f"{before} {int(100 * fraction + 1e-9)} %"


def clock(seconds: float) -> str:
    """Write seconds as 1:05, or 1:00:05 from an hour on."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def speed_words(speed: float) -> str:
    return f"{speed:g}×"


def voice_words(name: str) -> str:
    return name or USUAL_VOICE


def _as_spoken(speaker: str) -> str:
    entry = engine_displayed(speaker)
    return speaker if entry is None else entry.spoken_name


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
