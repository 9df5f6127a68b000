from .checks import Doubt
from .document import Chapter, Document, Omission, OmissionReason
from .edits import Piece, PlannedChapter, divided_chapter, joined_chapters
from .export import ExportProgress
from .narrated import (
    export_narration,
    narrated_paths,
    narrated_words,
    narration_sound,
    report_on_narration,
    tidy_narration,
)
from .preview import TextPreview, preview_text
from .project import Project, is_project
from .project_files import BOOK_DICTIONARY, Book
from .reading import document_endings, read_document, read_page, read_text
from .recipe import engine_identity
from .render import NarrationProgress, narrate
from .report import DoubtfulSentence, NarrationReport
from .sentences import LeftOut, Sentence
from .settings import FORMATS, MAX_MENDINGS, SUBTITLES, NarrationSettings, Pauses
from .styles import Picture, StyleKind, StyleSpan, styles_within

__all__ = [
    "BOOK_DICTIONARY",
    "FORMATS",
    "MAX_MENDINGS",
    "SUBTITLES",
    "Book",
    "Chapter",
    "Document",
    "Doubt",
    "DoubtfulSentence",
    "ExportProgress",
    "LeftOut",
    "NarrationProgress",
    "NarrationReport",
    "NarrationSettings",
    "Omission",
    "OmissionReason",
    "Pauses",
    "Picture",
    "Piece",
    "PlannedChapter",
    "Project",
    "Sentence",
    "StyleKind",
    "StyleSpan",
    "TextPreview",
    "divided_chapter",
    "document_endings",
    "engine_identity",
    "export_narration",
    "is_project",
    "joined_chapters",
    "narrate",
    "narrated_paths",
    "narrated_words",
    "narration_sound",
    "preview_text",
    "read_document",
    "read_page",
    "read_text",
    "report_on_narration",
    "styles_within",
    "tidy_narration",
]
