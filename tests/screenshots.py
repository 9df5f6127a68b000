"""`make screenshots`: every view, in light and dark, under an X server of its own, as PNG files in a folder."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from alice import AUTHOR, TITLE
from alice import CHAPTERS as ALICE
from desktops import run_x_server
from heard_picture import hear, show, write_video
from PySide6.QtCore import QEventLoop, QPoint, QRect, QTimer
from PySide6.QtGui import QColor, QGuiApplication, QImage, QPainter, QPalette
from PySide6.QtWidgets import QApplication, QMenu, QWidget
from reading_pictures import reading_views

import engine
import engine.narration
from desktop.application.welcome import WELCOME
from desktop.common.download_state import DownloadPhase, DownloadState, problem_of
from desktop.common.errors import RecordingError
from desktop.common.messages import Message, explain
from desktop.common.settings import Settings
from desktop.common.state import AppState, EnginePhase, EngineView, Phase, ReadingView
from desktop.dictionary.dialog import DictionaryDialog
from desktop.doctor.dialog import DoctorDialog
from desktop.doctor.report import Finding, Health
from desktop.narration.parts.divide_dialog import DivideDialog
from desktop.narration.values import ChapterRow, ChapterSentence, ChapterText, JobPhase, JobView, WarningRow
from desktop.narration.window import NarrationWindow
from desktop.platform.graphics import Graphics, what_it_can_do
from desktop.reader.book import make_book
from desktop.reader.covers import cover_path
from desktop.reader.shelf import Shelf, ShelfBook
from desktop.reader.window import ReaderWindow
from desktop.s1.dialog import LoginDialog
from desktop.s1.pytorch_build import DRIVER_PAGE
from desktop.settings.dialog import SettingsDialog
from desktop.tray.icon import Tray
from desktop.tray.strip import Strip
from desktop.voices.dialog import VoicesDialog
from desktop.voices.state import (
    CandidateView,
    GalleryPhase,
    GalleryState,
    LibraryState,
    NewVoiceState,
    RecordingPhase,
    RecordingState,
)
from desktop.widgets.icons import ON_DARK, ON_LIGHT, TrayLook, plain_icon
from engine import CheckpointError, HubError, OutputError, Pronunciation, PronunciationError
from engine.narration import NarrationSettings, Piece
from engine.voice_library import RecordingCheck, RecordingDoubt, VoiceInfo, script_in
from engine.weights import BrowserLogin, DownloadProgress, DownloadStage

TEXT = (
    "The lamp on the lectern had been burning since noon. (whispering) Nobody in the reading room dared to turn it "
    "off, 😀 not even the librarian. She opened the oldest of the books and listened to the rain, which fell on the "
    "copper roof as it had fallen all week.\n\n"
    "(excited) Then the telephone rang! He let it ring four times before he answered, because four was a number "
    "that he trusted.\n\n“We have found it,” said the voice. “Come at once, and bring the key.”"
)


def _voice(name: str, language: str, notes: str, seconds: float, is_encoded: bool = True) -> VoiceInfo:
    return VoiceInfo(name, name, Path(name), language, notes, 1, seconds, is_encoded, has_sound=True)


HEARD_S = 6.2
"""Where the picture at the top of the README stands in the sound."""
HEARD = "She opened the oldest of the books and listened to the rain, which fell on the copper roof as it had"
COMPUTER = what_it_can_do((Graphics("NVIDIA GeForce RTX 4070", 12 * 2**30),))
READY = EngineView(EnginePhase.READY, device="cuda", memory_bytes=2_300_000_000, peak_memory_bytes=2_900_000_000)
FINDINGS = (
    Finding("tray", Health.OK, "this desktop has one"),
    Finding("hotkey read selection", Health.OK, "Meta+Ctrl+R"),
    Finding("selection", Health.OK, "was read"),
    Finding("Python", Health.OK, "3.13.5 (/home/ada/.local/share/lectern/venv/bin/python)"),
    Finding("built-in voice", Health.OK, "hibari 0.2.1, espeak-ng 1.52.0"),
    Finding("PyTorch", Health.OK, "2.11.0+cu130, for CUDA 13.0"),
    Finding(
        "NVIDIA driver",
        Health.MISSING,
        "no nvidia-smi, so no driver",
        f"Without an NVIDIA GPU there is nothing to do; with one, install its driver: {DRIVER_PAGE}",
    ),
    Finding("GPU", Health.MISSING, "none: the built-in voice speaks, or S1 Mini slowly with --device cpu"),
    Finding("Hugging Face", Health.MISSING, "not logged in; only the download needs it", "Log in: lectern login"),
    Finding("PortAudio", Health.OK, "installed"),
    Finding(
        "sound output",
        Health.MISSING,
        "There is no sound output device.",
        "Connect one, or write a file with -o FILE.wav.",
    ),
)


_SOME = DownloadProgress(DownloadStage.DOWNLOADING, 1_550_000_000, 3_600_000_000, 12_400_000, 165)
_OFFLINE = HubError("network")
DOWNLOADS = {
    "offered": DownloadState(),
    "checking": DownloadState(DownloadPhase.CHECKING),
    "bad-token": DownloadState(problem=problem_of(HubError("bad_token"))),
    "environment": DownloadState(problem=problem_of(HubError("environment_token"))),
    "browser": DownloadState(
        DownloadPhase.BROWSER, login=BrowserLogin("https://huggingface.co/device", "WDJB-MJHT", 900)
    ),
    "known": DownloadState(DownloadPhase.KNOWN, "ada"),
    "left": DownloadState(DownloadPhase.KNOWN, "ada", left=_SOME, hides_environment=True),
    "licence": DownloadState(DownloadPhase.KNOWN, "ada", problem=problem_of(HubError("licence_not_accepted"))),
    "asking": DownloadState(DownloadPhase.DOWNLOADING, "ada", progress=DownloadProgress(DownloadStage.CHECKING)),
    "downloading": DownloadState(DownloadPhase.DOWNLOADING, "ada", progress=_SOME),
    "waiting": DownloadState(
        DownloadPhase.DOWNLOADING,
        "ada",
        progress=replace(_SOME, stage=DownloadStage.WAITING, problem=_OFFLINE, retry_in_s=8),
        problem=problem_of(_OFFLINE),
    ),
    "paused": DownloadState(DownloadPhase.PAUSED, "ada", progress=_SOME),
    "failed": DownloadState(
        DownloadPhase.FAILED,
        "ada",
        progress=_SOME,
        problem=problem_of(
            OutputError("disk_full", Path("model.pth"), needed_bytes=2_050_000_000, free_bytes=310_000_000)
        ),
    ),
    "inspecting": DownloadState(
        DownloadPhase.INSPECTING, progress=replace(_SOME, stage=DownloadStage.VERIFYING, bytes_per_s=9e8, left_s=2)
    ),
    "bad-folder": DownloadState(
        problem=problem_of(CheckpointError("file_missing", Path("/home/ada/Downloads"), "model.pth"), True)
    ),
    "ready": DownloadState(DownloadPhase.READY),
}
"""Every page and problem of the login dialog."""


VOICES = (
    _voice("Narrator warm", "en", "Improvised by S1 Mini, seed 1744157397", seconds=11.2),
    _voice("Zoë", "de", "Aus dem Hörspiel, mit ihrer Erlaubnis", seconds=17.4),
    _voice("小林", "ja", "", seconds=14.0, is_encoded=False),
    replace(_voice("references", "", "", seconds=0), seconds=None, is_folder=True),
    replace(_voice("broken", "", "", seconds=0), seconds=None, n_recordings=0, problem="it is cut off"),
)
GOOD_CHECK = RecordingCheck(16.2, 13.1, 0.6, -21.0, -62.0, 182.0)
BAD_CHECK = RecordingCheck(
    42.0,
    30.0,
    2.4,
    -21.0,
    -38.0,
    182.0,
    (RecordingDoubt.LONG, RecordingDoubt.NOISY, RecordingDoubt.PAUSES, RecordingDoubt.SEVERAL_SPEAKERS),
    (112.0, 204.0),
)
_GOOD_RECORDING = RecordingState(RecordingPhase.THERE, "interview.mp3", script_in("en"), seconds=16.2, check=GOOD_CHECK)
_DOUBTFUL_RECORDING = RecordingState(
    RecordingPhase.THERE, "talk show.mp3", script_in("en"), seconds=42, check=BAD_CHECK
)
RECORDINGS = {
    "countdown": NewVoiceState((RecordingState(RecordingPhase.COUNTDOWN, text=script_in("en"), left_s=2, level=0.02),)),
    "recording": NewVoiceState(
        (RecordingState(RecordingPhase.RECORDING, text=script_in("en"), seconds=7.3, level=0.31),)
    ),
    "good": NewVoiceState((_GOOD_RECORDING,)),
    "doubtful": NewVoiceState((_DOUBTFUL_RECORDING,)),
    "several": NewVoiceState(
        (
            replace(_DOUBTFUL_RECORDING, key=1),
            replace(_GOOD_RECORDING, key=2),
            replace(_GOOD_RECORDING, name="by the sea.flac", text="", seconds=11, key=3),
            RecordingState(key=4),
        ),
        1,
    ),
    "no-microphone": NewVoiceState(problem=explain(RecordingError("no_device"))),
}
GALLERY = GalleryState(
    GalleryPhase.MAKING,
    6,
    (
        CandidateView(1744157397, 15.8, kept_as="Narrator warm"),
        CandidateView(1744157398, 14.9),
        CandidateView(1744157399, 17.2, "Listen again to “Early in the morning…”: the voice got stuck on one sound."),
    ),
)


def speaking() -> AppState:
    start = TEXT.index(HEARD)
    end = TEXT.index(".", start) + 1
    word = TEXT.index("books", start)
    reading = ReadingView(TEXT, (start, end), (word, word + len("books")), 84, 226, "S1 Mini", 210)
    voices = ("Narrator warm", "Reporter")
    return AppState(Phase.SPEAKING, READY, reading, voices[0], voices, download=DownloadState(DownloadPhase.READY))


def views() -> Iterator[tuple[str, Callable[[], QWidget]]]:
    """A name for each picture, and what makes the widget, shown."""
    yield "heard", lambda: show(hear(), HEARD_S)
    yield "reader-empty", lambda: _reader(AppState(), "")
    yield "reader-speaking", lambda: _reader(speaking(), TEXT)
    yield "reader-offer", lambda: _reader(AppState(offers_s1=True, computer=COMPUTER), TEXT)
    problem = Message("The memory of the GPU is full.", "Close other programs that use it, or use the CPU.")
    yield "reader-problem", lambda: _reader(AppState(engine=EngineView(EnginePhase.FAILED, problem=problem)), TEXT)
    yield "reader-voice", lambda: _reader(AppState(voice="Narrator warm", voices=("Narrator warm",)), TEXT)
    yield "reader-welcome", _welcome
    yield "reader-right-to-left", lambda: _reader(AppState(), "In English.\n\nمرحبا بكم في القراءة.\n\nשלום עולם.")
    elsewhere = replace(speaking(), reading=replace(speaking().reading, from_window=False))
    yield "reader-elsewhere", lambda: _reader(elsewhere, "My own text.")
    yield from reading_views()
    yield "reader-books", _recent_books
    yield "reader-book", lambda: _book(880)
    yield "reader-book-narrow", lambda: _book(480)
    yield "reader-bookmarks", _bookmarks
    yield "reader-book-gone", _gone_book
    yield "strip", lambda: _strip(elsewhere)
    yield "tray-menu", _tray_menu
    for index, page in enumerate(("reading", "hotkeys", "engine", "programs", "desktop")):
        yield f"settings-{page}", lambda index=index: _settings(index)
    yield "doctor", _doctor
    for name, jobs in NARRATIONS.items():
        yield f"narration-{name}", lambda name=name, jobs=jobs: _narration(name, jobs)
    yield "narration-divide", _divide
    yield "narration-arrange", _arrange
    yield "dictionary", _dictionary
    yield "voices-empty", lambda: _voices(0, lambda d: d.render_library(LibraryState(is_read=True)))
    yield "voices-mine", lambda: _voices(0, _choose_voice)
    yield "voices-without-s1", lambda: _voices(0, lambda d: d.render(AppState(voice="Zoë")))
    yield "voices-removed", lambda: _voices(0, _remove_voice)
    yield "voices-new", lambda: _voices(1, lambda _: None)
    for name, recording in RECORDINGS.items():
        yield f"voices-{name}", lambda recording=recording: _voices(1, lambda d: _show_recording(d, recording))
    yield "voices-gallery", lambda: _voices(2, lambda d: d.render_gallery(GALLERY))
    yield "voices-gallery-absent", lambda: _voices(2, lambda d: d.render(AppState()))
    yield "reader-keep-voice", _keep_voice
    for name, download in DOWNLOADS.items():
        yield (
            f"login-{name}",
            lambda download=download: _login(AppState(engine=READY, download=download, computer=COMPUTER)),
        )


def _voices(page: int, prepare: Callable[[VoicesDialog], object]) -> QWidget:
    dialog = VoicesDialog()
    dialog.render(replace(speaking(), voice="Zoë", engine=READY))
    dialog.render_library(LibraryState(VOICES, is_read=True))
    prepare(dialog)
    dialog.tabs.setCurrentIndex(page)
    dialog.show()
    return dialog


def _choose_voice(dialog: VoicesDialog) -> None:
    dialog.render_library(LibraryState(VOICES, is_read=True, checked_id="Zoë", checks=(GOOD_CHECK,)))
    dialog.show_mine("Zoë")


def _remove_voice(dialog: VoicesDialog) -> None:
    dialog.render_library(LibraryState(VOICES[1:], is_read=True, note="Narrator warm is removed.", can_undo=True))
    dialog.show_mine("broken")


def _show_recording(dialog: VoicesDialog, recording: NewVoiceState) -> None:
    dialog.render_recording(recording)


def _keep_voice() -> QWidget:
    window = _reader(replace(speaking(), can_keep_voice=True, voice=""), TEXT)
    assert isinstance(window, ReaderWindow)
    window.keep_voice.ask()
    return window


CHAPTERS = (
    ChapterRow((Piece(0, 0, 900),), "Preface", False, 12, 0, 84),
    ChapterRow((Piece(1, 0, 9000),), "I. The Lamp", True, 214, 214, 1500),
    ChapterRow((Piece(2, 0, 9000),), "II. The Rain", True, 187, 93, 1310),
    ChapterRow((Piece(3, 0, 9000),), "III. The Telephone", True, 305, 0, 2140),
)
WARNINGS = (
    WarningRow(1, 17, "Nobody in the reading room dared to turn it off.", "I. The Lamp", "a long silence in it"),
    WarningRow(
        2,
        4,
        "He let it ring four times before he answered, because four was a number that he trusted.",
        "II. The Rain",
        "spoken faster than the others, so words may be missing",
    ),
)
JOB = JobView(
    "lamp",
    "The Lamp on the Lectern",
    "Ada Somebody",
    JobPhase.NARRATING,
    0.41,
    "Narrating 41 %, sentence 307 of 706, 12 min left",
    CHAPTERS,
    target=Path("/home/ada/Books/The Lamp on the Lectern.m4b"),
)
_FULL = Message("There is no room to write /home/ada/Books/lamp.m4b.", "Free some space, or choose another place.")
_WRITTEN = "The audiobook is written"
NARRATIONS = {
    "empty": (),
    "narrating": (
        JOB,
        replace(JOB, name="b", title="Seven Herons", phase=JobPhase.WAITING, progress="Waiting", fraction=0.0),
        replace(JOB, name="c", title="A Very Short Book", phase=JobPhase.DONE, fraction=1.0),
    ),
    "form": (replace(JOB, phase=JobPhase.PAUSED, progress="Paused at 41 %"),),
    "doubts": (
        replace(JOB, phase=JobPhase.DONE, fraction=1, progress=_WRITTEN, warnings=WARNINGS, written=JOB.target),
        replace(JOB, name="c", phase=JobPhase.DONE, fraction=1.0, progress=_WRITTEN),
    ),
    "voice": (replace(JOB, settings=NarrationSettings(voice="Narrator warm")),),
    "failed": (replace(JOB, phase=JobPhase.FAILED, progress="Stopped", problem=_FULL),),
}


def _narration(name: str, jobs: tuple[JobView, ...]) -> QWidget:
    window = NarrationWindow()
    window.set_voices(("built-in",), ("Narrator warm", "Reporter"), can_clone=name != "voice")
    window.render_jobs(jobs)
    window.tabs.setCurrentIndex({"form": 1, "voice": 1, "doubts": 2}.get(name, 0))
    window.show()
    return window


def _divide() -> QWidget:
    """A chapter's text: the opening of a public-domain book (Dickens, A Christmas Carol)."""
    paragraphs = (
        ("Stave I: Marley’s Ghost",),
        ("Marley was dead, to begin with.", "There is no doubt whatever about that."),
        (
            "The register of his burial was signed by the clergyman, the clerk, the undertaker, and the chief mourner.",
            "Scrooge signed it.",
            "And Scrooge’s name was good upon ’Change for anything he chose to put his hand to.",
        ),
        ("Old Marley was as dead as a door-nail.",),
        ("The Counting-House",),
        ("Once upon a time—upon Christmas eve—old Scrooge sat busy in his counting-house.",),
    )
    dialog = DivideDialog("I. The Lamp")
    places = [(i == 0, len(sentences) == 1, text) for sentences in paragraphs for i, text in enumerate(sentences)]
    rows = (ChapterSentence(1, i, 100 * i, text, begins, alone) for i, (begins, alone, text) in enumerate(places))
    dialog.show_text(ChapterText("a", (), tuple(rows)))
    dialog.list.setCurrentRow(7)
    dialog.show()
    return dialog


def _arrange() -> QWidget:
    window = _narration("narrating", NARRATIONS["narrating"])
    assert isinstance(window, NarrationWindow)
    window.chapters.table.selectRow(1)
    window.chapters.arrange.menu().popup(QPoint(400, 300))
    return window.chapters.arrange.menu()


def _reader(state: AppState, text: str) -> QWidget:
    window = ReaderWindow()
    window.set_hotkey("Meta+Ctrl+R")
    window.set_text(text)
    window.show()
    window.render(state)
    return window


SHELF = Shelf(
    (
        ShelfBook("a", __file__, "The Lamp on the Lectern", "Ada Somebody", 412_000, 97_000),
        ShelfBook("b", __file__, TITLE, AUTHOR, 148_000),
        ShelfBook("c", __file__, "Report on the state of the harbour", "", 1_900_000, 1_899_900),
        ShelfBook("d", "/books/cat.epub", "吾輩は猫である", "夏目漱石", 370_000, 12_000, s_per_char=0.18),
    )
)


def _recent_books() -> QWidget:
    for book, color in zip(SHELF.books, ("#7a3b2e", "#2e5a7a"), strict=False):
        image = QImage(60, 90, QImage.Format.Format_RGB32)
        image.fill(QColor(color))
        cover_path(book.key).parent.mkdir(parents=True, exist_ok=True)
        image.save(str(cover_path(book.key)))
    window = _reader(AppState(), "")
    assert isinstance(window, ReaderWindow)
    window.set_shelf(SHELF)
    return window


def _book(width_px: int) -> QWidget:
    """A chapter of a book is read: the second of those of Alice that there are."""
    chapters = tuple(engine.narration.Chapter(title, "\n\n".join((title, *texts))) for title, texts in ALICE)
    book = make_book("b", Path("/books/alice.epub"), engine.narration.Document(TITLE, AUTHOR, "en", chapters))
    window = ReaderWindow()
    window.set_shelf(SHELF.with_first(replace(SHELF.books[1], heard=(100, 40, 0)[: len(chapters)])))
    window.resize(width_px, 640)
    window.show()
    window.open_book(book, book.parts[1].start)
    text, part = "And she went on planning to herself how she would manage it.", book.parts[1].text
    window.books.read(0)
    reading = ReadingView(part, (part.index(text), part.index(text) + len(text)), None, 21, 30, "built-in voice")
    window.render(replace(speaking(), reading=reading, voice=""))
    return window


def _bookmarks() -> QWidget:
    window = _book(880)
    assert isinstance(window, ReaderWindow)
    window.books.toggle_bookmark()
    window.render(AppState())
    window.books.go_to_part(0)
    window.books.toggle_bookmark()
    window.books.contents.tabs.setCurrentIndex(1)
    return window


def _gone_book() -> QWidget:
    window = _recent_books()
    assert isinstance(window, ReaderWindow)
    window.opening.open_again(SHELF.books[-1])
    return window


def _welcome() -> QWidget:
    window = _reader(AppState(), "")
    assert isinstance(window, ReaderWindow)
    window.welcome(WELCOME, "")
    return window


def _strip(state: AppState) -> QWidget:
    strip = Strip()
    strip.render(state)
    return strip


def _login(state: AppState) -> QWidget:
    dialog = LoginDialog()
    dialog.render(state)
    dialog.show()
    return dialog


def _tray_menu() -> QWidget:
    tray = Tray()
    tray.render(speaking())
    menu: QMenu = tray.menu
    menu.setProperty("keeps", tray)
    menu.popup(QGuiApplication.primaryScreen().availableGeometry().topLeft())
    return menu


def _settings(index: int) -> QWidget:
    dialog = SettingsDialog(Settings(serve_http=True), ("Narrator warm", "Reporter"), ("Built-in speakers",))
    dialog.show_bindings(
        {"stop": _Binding("Meta+Ctrl+X", "Meta+Ctrl+X is taken by another program. Choose another in Settings.")}
    )
    dialog.show_http("http://127.0.0.1:8080", None)
    dialog.show_wyoming("tcp://0.0.0.0:10200", None)
    dialog.show_engine(READY)
    dialog.tabs.setCurrentIndex(index)
    dialog.show()
    return dialog


class _Binding:
    def __init__(self, keys: str, problem: str) -> None:
        self.keys, self.problem = keys, problem


def _dictionary() -> QWidget:
    entries = (
        Pronunciation("GIF", "jif"),
        Pronunciation("Nguyen", "win", "en", match_case=True),
        Pronunciation(r"\bv(\d+)\.(\d+)", r"version \1 point \2", is_pattern=True),
        Pronunciation("(", "bracket", is_pattern=True),
        Pronunciation("重庆", "虫庆", "zh"),
    )
    dialog = DictionaryDialog(entries)
    dialog.show_problems({3: explain(PronunciationError("pattern", "(", "missing ) at position 1"))})
    dialog.text.setText("The GIF shows v2.1, says Mr. Nguyen.")
    dialog.show_said(dialog.text.text(), "The jif shows version 2 point 1, says Mister win.")
    dialog.show()
    return dialog


def _doctor() -> QWidget:
    def examine(cancel: engine.CancelToken) -> Iterator[Finding]:  # noqa: ARG001
        yield from FINDINGS

    dialog = DoctorDialog(examine)
    dialog.show()
    return dialog


def tray_icons() -> QImage:
    """Every look of the tray icon at 16 and 22 pixels, as it is and enlarged, on a light and a dark panel."""
    image = QImage(len(TrayLook) * 144, 192, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    for row, (ground, color) in enumerate(((QColor("#efefef"), ON_LIGHT), (QColor("#222222"), ON_DARK))):
        painter.fillRect(0, row * 96, image.width(), 96, ground)
        for column, look in enumerate(TrayLook):
            icon = plain_icon(f"tray-{look}", color)
            x, y = column * 144 + 16, row * 96 + 16
            painter.drawPixmap(x, y, icon.pixmap(16, 16))
            painter.drawPixmap(x, y + 32, icon.pixmap(22, 22))
            painter.drawPixmap(QRect(x + 48, y, 64, 64), icon.pixmap(16, 16))
    painter.end()
    return image


def dark_palette() -> QPalette:
    """As a dark desktop gives it."""
    palette = QPalette(QColor("#2b2b2b"))
    text, base = QColor("#eeeeee"), QColor("#1e1e1e")
    roles = QPalette.ColorRole
    for role in (roles.WindowText, roles.Text, roles.ButtonText, roles.ToolTipText):
        palette.setColor(role, text)
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor("#7a7a7a"))
    palette.setColor(roles.Base, base)
    palette.setColor(roles.AlternateBase, QColor("#262626"))
    palette.setColor(roles.PlaceholderText, QColor("#9a9a9a"))
    palette.setColor(roles.Highlight, QColor("#3584e4"))
    palette.setColor(roles.HighlightedText, QColor("#ffffff"))
    palette.setColor(roles.Link, QColor("#78aeed"))
    return palette


def settle(milliseconds: int = 250) -> None:
    """Let the window manager and the painting finish; a picture has nothing to await."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def take_all(folder: Path, palettes: dict[str, QPalette], only: str = "", suffix: str = "") -> list[Path]:
    """Take the pictures whose names begin with `only`."""
    taken = []
    for scheme, palette in palettes.items():
        QApplication.setPalette(palette)
        for name, make in views():
            if not name.startswith(only):
                continue
            widget = make()
            settle()
            path = folder / f"{name}-{scheme}{suffix}.png"
            widget.grab().save(str(path))
            taken.append(path)
            widget.close()
            widget.deleteLater()
    return taken


def main(folder: Path, only: str = "") -> None:
    """Take the pictures whose names begin with `only`, those of books once more on a screen of 144 dots an inch, that
    at the top of the README on one of 192, and a video of it."""
    scale = os.environ.get("QT_SCALE_FACTOR")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary, run_x_server(Path(temporary)) as display:
        os.environ |= {"DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}
        os.environ.pop("WAYLAND_DISPLAY", None)
        app = QApplication([])
        app.setStyle("Fusion")
        palettes = {"light": app.style().standardPalette(), "dark": dark_palette()}
        paths = take_all(folder, palettes, only, f"-{scale}x" if scale else "")
        if not only:
            tray_icons().save(str(folder / "tray-icons.png"))
            QApplication.setPalette(palettes["light"])
            heard = hear()
            window = show(heard, 0)
            settle()
            write_video(folder / "heard.mp4", window, heard)
            paths.append(folder / "heard.mp4")
        sys.stdout.writelines(f"{path}\n" for path in paths)
        del app
    if not only:
        for names, larger in (("book-", "1.5"), ("heard", "2")):
            again = [sys.executable, __file__, str(folder), names]
            subprocess.run(again, env=os.environ | {"QT_SCALE_FACTOR": larger}, check=True)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "build/screenshots"), "".join(sys.argv[2:3]))
