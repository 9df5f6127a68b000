"""Explains what can go wrong with the application: its sound, its instance, what it installs."""

from __future__ import annotations

from desktop.common.errors import (
    InstallError,
    NotRunningError,
    PlaybackError,
    PyTorchError,
    RemoteError,
    RuntimeFolderError,
    SetupError,
    SpeechDispatcherError,
    StartError,
    TerminalError,
)
from desktop.common.message import Mend

AT_PROMPT: dict[tuple[type[Exception], str], tuple[str, str]] = {
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
    (RemoteError, "busy"): (
        "Lectern is reading something else to the person.",
        "Try again when that is done, or ask the person to stop it.",
    ),
    (RemoteError, "refused"): ("The running Lectern does not read it{_detail}.", "Mend that, and try again."),
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
    (InstallError, "passing"): (
        "This Lectern runs from a cache, which may be emptied at any time, so nothing can point to it.",
        "Install it to stay, with uv tool install or pipx install, then run this again.",
    ),
    (InstallError, "no_icon"): ("Lectern's file {e.path} is missing.", "Install Lectern again."),
    (InstallError, "not_ours"): (
        "The folder {e.path} holds something else than the browser extension.",
        "Name another one: lectern install-browser-extension --to DIR",
    ),
    (InstallError, "failed"): ("{e.path} could not be written or removed{_detail}.", "Check its permissions."),
    (SetupError, ""): (
        "Setting up asks a few questions, and there is no terminal to answer at.",
        "Run it in a terminal, or take what is proposed: lectern setup --yes",
    ),
    (SpeechDispatcherError, "platform"): (
        "Only Linux has speech-dispatcher.",
        "Other programs can speak with Lectern over HTTP: lectern serve",
    ),
    (SpeechDispatcherError, "absent"): (
        "The program speech-dispatcher, through which screen readers speak, is not installed.",
        "Install it (sudo apt install speech-dispatcher), then run this again: lectern speechd install",
    ),
    (SpeechDispatcherError, "no_configuration"): (
        "The system's configuration of speech-dispatcher is missing, so yours cannot build on it.",
        "Install speech-dispatcher again, or write a configuration of your own: spd-conf -u",
    ),
    (SpeechDispatcherError, "failed"): ("{e.path} cannot be read or removed{_detail}.", "Check its permissions."),
    (PyTorchError, "no_installer"): (
        "PyTorch cannot be installed, because there is neither uv nor pip beside this Python.",
        "Install uv (https://docs.astral.sh/uv/), then run this again: lectern install-pytorch",
    ),
    (PyTorchError, "passing"): (
        "This Lectern runs from a cache, which may be emptied at any time, so PyTorch would not stay.",
        "Install it to stay, with uv tool install or pipx install, then run this again.",
    ),
    (PyTorchError, "system_python"): (
        "PyTorch cannot be installed, because this Python is the system's own, which is closed to other packages.",
        "Install Lectern in an environment of its own, with uv tool install or pipx install.",
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
        "Run this as the one who installed Lectern, or install it for you alone with uv tool install or pipx install.",
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

IN_A_WINDOW: dict[tuple[type[Exception], str], tuple[str, Mend]] = {
    (PlaybackError, "no_library"): (
        "Install the packages libportaudio2 and libasound2-plugins, then read again; Doctor has the command to copy.",
        Mend.FIND_OUT,
    ),
    (PlaybackError, "no_device"): ("Connect one, or save the text as a sound file.", Mend.SET_READING),
    (PlaybackError, "refused"): ("Close the program that uses it, or choose another device.", Mend.SET_READING),
    (PlaybackError, "vanished"): ("Connect it again, or choose another device.", Mend.SET_READING),
    (PlaybackError, "stalled"): ("Connect it again, or choose another device.", Mend.SET_READING),
    (PlaybackError, "elsewhere"): ("Connect it, or choose another device.", Mend.SET_READING),
    (PyTorchError, "no_installer"): ("Install uv from docs.astral.sh/uv, then try again.", Mend.INSTALL_PYTORCH),
    (PyTorchError, "passing"): ("Install Lectern to stay, then try again.", Mend.INSTALL_PYTORCH),
    (PyTorchError, "system_python"): ("Install Lectern in an environment of its own.", Mend.INSTALL_PYTORCH),
    (PyTorchError, "not_allowed"): ("Let the one who installed Lectern do it.", Mend.INSTALL_PYTORCH),
    (PyTorchError, "index"): ("Check the network connection, then try again.", Mend.INSTALL_PYTORCH),
    (PyTorchError, "disk_full"): (
        "Make room (6 GB, or 1.5 GB without an NVIDIA GPU), then try again.",
        Mend.INSTALL_PYTORCH,
    ),
    (PyTorchError, "network"): ("Check the network connection, then try again.", Mend.INSTALL_PYTORCH),
    (PyTorchError, "failed"): ("Try again; if it stays so, Doctor says what is missing.", Mend.INSTALL_PYTORCH),
    (PyTorchError, "failed_above"): ("Try again; if it stays so, Doctor says what is missing.", Mend.INSTALL_PYTORCH),
    (PyTorchError, "does_not_load"): ("Install it again; if it stays so, Doctor says why.", Mend.INSTALL_PYTORCH),
    (NotRunningError, ""): ("Start it.", Mend.TRY_AGAIN),
    (RemoteError, "too_long"): ("Open it in the window.", Mend.TRY_AGAIN),
    (StartError, "no_desktop"): ("Start it on the desktop.", Mend.TRY_AGAIN),
    (InstallError, "platform"): ("Install Lectern with the program for this system.", Mend.TRY_AGAIN),
    (InstallError, "passing"): ("Install Lectern to stay, then try again.", Mend.TRY_AGAIN),
    (InstallError, "not_ours"): ("Choose another folder.", Mend.TRY_AGAIN),
    (SetupError, ""): ("Do it in a terminal.", Mend.TRY_AGAIN),
    (SpeechDispatcherError, "platform"): ("Let other programs speak over HTTP instead.", Mend.TRY_AGAIN),
    (SpeechDispatcherError, "absent"): ("Install it, then try again.", Mend.TRY_AGAIN),
    (SpeechDispatcherError, "no_configuration"): ("Install speech-dispatcher again.", Mend.TRY_AGAIN),
    (TerminalError, ""): ("Name a file.", Mend.TRY_AGAIN),
}
