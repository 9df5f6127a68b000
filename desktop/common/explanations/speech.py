"""Explains what can go wrong when a text is spoken."""

from __future__ import annotations

import engine
from desktop.common.message import Mend

_GET_RUNTIME = "Install it (https://aka.ms/vs/17/release/vc_redist.x64.exe), then start Lectern again."
_AGAIN = "Try again; if it stays so, Doctor says what is missing."

AT_PROMPT: dict[tuple[type[Exception], str], tuple[str, str]] = {
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
    (engine.PronunciationError, "ipa"): (
        "The sound of {e.written} holds “{e.detail}”, which is no sign of the International Phonetic Alphabet.",
        "Copy the sound from a dictionary, such as nʊˈjɛn, or say in usual letters what is to be said.",
    ),
    (engine.PronunciationError, "ipa_length"): (
        "The sound of {e.written} has no letter, or more than 200 signs.",
        "Copy it from a dictionary, such as nʊˈjɛn, or say in usual letters what is to be said.",
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
    (engine.OptionError, ""): ("The option {e.name} cannot be {e.found}.", "It can be {e.expected}."),
    (engine.TorchError, "missing"): (
        "S1 Mini needs PyTorch, and {e.package} is not installed.",
        "Install it: lectern install-pytorch",
    ),
    (engine.TorchError, "broken"): (
        "S1 Mini needs PyTorch, and what is installed does not load{_detail}.",
        "Install it again: lectern install-pytorch",
    ),
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
    (engine.BuiltInVoiceError, "path"): (
        "The built-in voice cannot open its files, because of letters in the path of the folder{_detail}.",
        "Install Lectern in a folder whose path has only English letters, such as C:\\Lectern.",
    ),
    (engine.BuiltInVoiceError, "no_runtime"): (
        "The built-in voice needs Microsoft's Visual C++ runtime, of which this computer lacks a part{_detail}.",
        _GET_RUNTIME,
    ),
    (engine.TorchError, "no_runtime"): (
        "S1 Mini needs Microsoft's Visual C++ runtime, of which this computer lacks a part{_detail}.",
        _GET_RUNTIME,
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
    (engine.ServerError, "not_installed"): (
        "The HTTP interface needs packages that are not installed{_detail}.",
        "Install them: pip install 'lectern[server]'",
    ),
    (engine.ServerError, "no_wyoming"): (
        "Home Assistant's protocol needs packages that are not installed{_detail}.",
        "Install them: pip install 'lectern[wyoming]'",
    ),
    (engine.ServerError, "no_mcp"): (
        "The tools for language models need packages that are not installed{_detail}.",
        "Install them: pip install 'lectern[mcp]'",
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
}

IN_A_WINDOW: dict[tuple[type[Exception], str], tuple[str, Mend]] = {
    (engine.DeviceError, "no_cuda"): ("Choose “Best there is” or the processor for S1 Mini.", Mend.SET_S1),
    (engine.DeviceError, "out_of_memory"): (
        "Close other programs that use the GPU, or choose the processor for S1 Mini.",
        Mend.SET_S1,
    ),
    (engine.DeviceError, "failed"): (
        "Try again; if it stays so, restart the computer or choose the processor for S1 Mini.",
        Mend.SET_S1,
    ),
    (engine.HostError, "crashed"): (_AGAIN, Mend.FIND_OUT),
    (engine.HostError, "hung"): (_AGAIN, Mend.FIND_OUT),
    (engine.HostError, "raised"): (_AGAIN, Mend.FIND_OUT),
    (engine.PronunciationError, "unknown"): ("Open the dictionary again.", Mend.FIND_OUT),
    (engine.ServerError, "not_installed"): ("Install Lectern with its part for other programs.", Mend.FIND_OUT),
    (engine.ServerError, "no_wyoming"): ("Install Lectern with its part for Home Assistant.", Mend.FIND_OUT),
    (engine.ServerError, "no_mcp"): ("Install Lectern with its part for language models.", Mend.FIND_OUT),
    (engine.ServerError, "needs_key"): ("Give it a key, or listen on 127.0.0.1.", Mend.FIND_OUT),
    (engine.ServerError, "address"): ("End the program that does, or choose another.", Mend.FIND_OUT),
    (engine.TorchError, "missing"): ("Install it.", Mend.INSTALL_PYTORCH),
    (engine.TorchError, "broken"): ("Install it again.", Mend.INSTALL_PYTORCH),
}
