"""Asks for files, folders and places: dialogs that stop nothing but their own window, answered once with paths.

The one place that connects to QFileDialog: its lists of names fit no signal of ours, and Python says so only when the
connection is made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget


def ask_for_files(
    parent: QWidget, title: str, filters: str, then: Callable[[list[Path]], object], *, several: bool = True
) -> None:
    """Have one file or several chosen; `then` is given at least one."""
    dialog = QFileDialog(parent, title, "", filters)
    mode = QFileDialog.FileMode.ExistingFiles if several else QFileDialog.FileMode.ExistingFile
    dialog.setFileMode(mode)
    dialog.filesSelected.connect(lambda names: then([Path(name) for name in names]))
    _open(dialog)


def ask_for_folder(parent: QWidget, title: str, then: Callable[[Path], object], *, start: str = "") -> None:
    """Have a folder chosen."""
    dialog = QFileDialog(parent, title, start)
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly)
    dialog.fileSelected.connect(lambda name: then(Path(name)))
    _open(dialog)


def ask_where_to_save(
    parent: QWidget,
    title: str,
    proposed: Path,
    then: Callable[[Path], object],
    *,
    endings: Mapping[str, str] | None = None,
) -> None:
    """Have a place for a file chosen, `proposed` being what Enter takes. `endings` maps what a kind of file is called
    ("MP3 (*.mp3)") to its ending, which a name without one gets."""
    dialog = QFileDialog(parent, title, str(proposed.parent))
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    if endings:
        dialog.setNameFilters(list(endings))
        dialog.setDefaultSuffix(endings[dialog.selectedNameFilter()])
        dialog.filterSelected.connect(lambda chosen: dialog.setDefaultSuffix(endings[chosen]))
    dialog.selectFile(proposed.name)
    dialog.fileSelected.connect(lambda name: then(Path(name)))
    _open(dialog)


def _open(dialog: QFileDialog) -> None:
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()  # asks this window alone: what is spoken goes on
