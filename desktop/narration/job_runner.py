"""Works on a queue of books, in whatever thread calls it: reads them, narrates them, writes them. No Qt here.

One thread does all of it. `step` works until `cancel` is set, which anybody may do who has a request; it is then
carried out by the same thread, and the next `step` goes on. At most the sentence that was being spoken is spoken anew.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import engine
import engine.files
import engine.narration
import engine.registry
import engine.voice_library
from desktop.common.content_key import key_of, key_of_words
from desktop.common.messages import Message
from desktop.narration.playlist import Entry, Playlist
from desktop.narration.projects import project_folder, usual_target
from desktop.narration.queue_file import QueuedBook, load_queue, save_queue
from desktop.narration.rows import chapter_rows, explain_in_window, sentence_rows, warning_rows
from desktop.narration.values import WORKING, ChapterRow, ChapterText, JobPhase, JobView, NarratedText, Speaker
from desktop.narration.words import progress_words, resting_words, unvoiced_lines, wordless_lines
from desktop.platform.sleep_inhibitor import SleepInhibitor
from desktop.speech.clients import OneByOne
from engine.words import TimedWord

PREVIEW_S = 60.0
REFRESH_S = 10.0
"""So often the chapters' counts are taken anew while a book is narrated."""
SHOW_S = 0.2
SAMPLE_BYTES = 2

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Job:
    """One book in the queue; only the working thread touches it."""

    folder: Path
    target: Path
    view: JobView
    identity: str = ""
    playlist: Playlist = field(default_factory=Playlist)
    preview_left_s: float = 0.0


class NarrationJobRunner:
    """Holds the queue and does its work. `show` is given each changed tuple of `JobView`s, `finish` each book that is
    done, `warn` what a person should know of the queue itself; all in the working thread."""

    def __init__(
        self,
        folder: Path,
        shared_engine: engine.SpeechEngine,
        inhibitor: SleepInhibitor,
        show: Callable[[tuple[JobView, ...]], object],
        finish: Callable[[JobView], object] = lambda _: None,
        warn: Callable[[Message], object] = lambda _: None,
    ) -> None:
        self._folder, self._engine, self._inhibitor = folder, shared_engine, inhibitor
        self._on_change, self._finish, self._warn = show, finish, warn
        self._jobs: list[_Job] = []
        self._playlists: dict[str, Playlist] = {}
        self._speaker = Speaker()
        self._project: tuple[str, engine.narration.Project] | None = None
        self._voice: tuple[str, engine.Voice] | None = None
        self._pronunciations: tuple[engine.Pronunciation, ...] | None = None  # until the dictionary is read
        self._shown_s = 0.0

    # --- requests

    def restore(self) -> None:
        """Read the queue as it was left; `warn` is given what is wrong with its file."""
        books, problem = load_queue(self._folder)
        if problem is not None:
            log.warning("the queue of narrations is damaged")
            self._warn(problem)
        for book in books:
            view = JobView(str(book.folder), book.folder.name, phase=book.phase, target=book.target)
            self._jobs.append(_Job(book.folder, book.target, view, book.identity))
            self._look(self._jobs[-1])
        self._show()

    def set_speaker(self, speaker: Speaker) -> None:
        """Choose who speaks from now on."""
        self._speaker, self._voice = speaker, None

    def set_pronunciations(self, entries: tuple[engine.Pronunciation, ...]) -> None:
        """Use the person's dictionary: what it touches is spoken anew, in books that are not done."""
        self._pronunciations = entries
        for job in self._jobs:
            if job.view.phase not in (JobPhase.READING, JobPhase.FAILED):
                self._look(job)
        self._show()

    def add(self, paths: Sequence[Path]) -> None:
        """Add books, or folders of narrations. One that cannot be read stands there with the reason."""
        for path in paths:
            is_project = engine.narration.is_project(path)
            folder = path if is_project else project_folder(path)
            if any(job.folder == folder for job in self._jobs):
                continue
            view = JobView(str(folder), engine.files.readable_name(path.stem), phase=JobPhase.READING)
            job = _Job(folder, Path(), view)
            self._jobs.append(job)
            self._show()
            try:
                if not is_project:
                    document = engine.narration.read_document(path)
                    settings = engine.narration.NarrationSettings(seed=secrets.randbits(31))
                    engine.narration.Project.create(folder, document, path.resolve(), settings).close()
                job.view = replace(job.view, phase=JobPhase.READY)
            except engine.EngineError as error:
                self._fail(job, error)
            self._look(job)
        self._show()

    def remove(self, name: str) -> None:
        """Take a job out of the queue; its project stays where it is."""
        job = self._job(name)
        if job is not None:
            self._close_project(job)
            self._jobs.remove(job)
            self._show()

    def move(self, name: str, places: int) -> None:
        """Move a job up (below 0) or down in the queue."""
        job = self._job(name)
        if job is not None:
            place = self._jobs.index(job)
            self._jobs.remove(job)
            self._jobs.insert(max(0, place + places), job)
            self._show()

    def narrate(self, name: str) -> None:
        """Have a job narrated when its turn comes."""
        job = self._job(name)
        if job is not None and job.view.is_changeable:
            job.view = replace(job.view, phase=JobPhase.WAITING, problem=None)
            self._show()

    def pause(self, name: str) -> None:
        """Stop a job until it is narrated again."""
        job = self._job(name)
        if job is not None:
            job.preview_left_s = 0.0
            words = resting_words(JobPhase.PAUSED, job.view.fraction)
            job.view = replace(job.view, phase=JobPhase.PAUSED, progress=words)
            self._show()

    def preview(self, name: str) -> None:
        """Have the beginning spoken before everything else."""
        job = self._job(name)
        if job is not None:
            job.preview_left_s = PREVIEW_S
            job.view = replace(job.view, problem=None)
            self._show()

    def set_settings(self, name: str, settings: engine.narration.NarrationSettings, target: Path) -> None:
        """Change how the book is narrated, and where its audiobook goes."""
        if self._pronunciations is not None:
            settings = replace(settings, pronunciations=self._pronunciations)
        self._change(name, lambda project: project.set_settings(settings), target)

    def set_chapters(self, name: str, rows: Iterable[ChapterRow]) -> None:
        """Change what the book's chapters are."""
        chapters = [row.plan for row in rows]
        self._change(name, lambda project: project.set_chapters(chapters))

    def restore_chapters(self, name: str) -> None:
        """Make the chapters what the book has."""
        self._change(name, lambda project: project.set_chapters(project.chapters_as_read()))

    def read_chapter(self, name: str, pieces: tuple[engine.narration.Piece, ...]) -> ChapterText:
        """Look up what the chapter of `pieces` says."""
        job = self._job(name)
        if job is None or not job.view.is_changeable:
            return ChapterText(name, pieces)
        try:
            project = self._open(job)
            sentences = project.contents(engine.narration.PlannedChapter("", pieces)).sentences
            paths = self._paths(job, project, sentences)
        except engine.EngineError as error:
            self._fail(job, error)
            self._show()
            return ChapterText(name, pieces)
        return ChapterText(name, pieces, sentence_rows(sentences, paths))

    def read_book(self, name: str) -> NarratedText | None:
        """Look up all that a book says, and where its sentences stand; None where it cannot be read."""
        job = self._job(name)
        if job is None or not job.view.is_changeable:
            return None
        try:
            project = self._open(job)
            book, n = project.book, len(project.book.texts)
            cuts = [project.cut(i).sentences for i in range(n)]
            places = tuple(tuple((s.start, s.end) for s in sentences) for sentences in cuts)
            words = tuple(self._words(job, project, text, cut) for text, cut in zip(book.texts, cuts, strict=True))
        except engine.EngineError as error:
            self._fail(job, error)
            self._show()
            return None
        chapters = (
            engine.narration.Chapter(book.titles[i], book.texts[i], book.languages[i] if book.languages else ())
            for i in range(n)
        )
        document = engine.narration.Document(book.title, book.author, book.language, tuple(chapters))
        source, seconds = Path(book.source), sum(row.seconds for row in job.view.chapters if row.is_included)
        try:
            key = key_of(source)
        except OSError:
            key = key_of_words(name)
        return NarratedText(name, key, source, document, places, seconds, words)

    def edit(self, name: str, chapter: int, index: int, text: str) -> None:
        """Have a sentence say `text`; it is spoken at once when the book goes on."""
        self._change(name, lambda project: project.edit_sentence(project.sentence(chapter, index), text))

    def redo(self, name: str, chapter: int, index: int) -> None:
        """Have a sentence spoken anew."""
        self._change(name, lambda project: project.redo_sentence(project.sentence(chapter, index)))

    def playlist(self, name: str) -> Playlist | None:
        """Look up a book's sentences and their sound, from any thread."""
        return self._playlists.get(name)

    def give_up(self) -> None:
        """Stop what was being worked on: something went wrong that nobody expected."""
        self._inhibitor.release()
        for job in self._jobs:
            if job.preview_left_s > 0 or job.view.phase in WORKING:
                self._fail(job, engine.HostError("raised", "see the log"))
                break
        self._show()

    def close(self) -> None:
        self._inhibitor.release()
        for job in self._jobs:
            self._close_project(job)
        self._save()

    # --- work

    @property
    def has_work(self) -> bool:
        """Say whether `step` has anything to do."""
        return any(job.preview_left_s > 0 or job.view.phase is JobPhase.WAITING for job in self._jobs)

    def step(self, cancel: engine.CancelToken) -> None:
        """Work on the first book that wants it, until it is done, or `cancel`."""
        job = next((job for job in self._jobs if job.preview_left_s > 0), None)
        is_preview = job is not None
        job = job or next((job for job in self._jobs if job.view.phase is JobPhase.WAITING), None)
        if job is None:
            return
        before = job.view.phase
        self._inhibitor.hold()
        try:
            self._work(job, cancel, is_preview=is_preview)
        except engine.EngineError as error:
            self._fail(job, error)
        finally:
            self._inhibitor.release()
        if is_preview and job.view.phase is not JobPhase.FAILED:
            job.view = replace(job.view, phase=before)
        elif job.view.phase in (JobPhase.NARRATING, JobPhase.WRITING):
            job.view = replace(job.view, phase=JobPhase.WAITING)  # cancelled by a request: it goes on after that
        self._look(job)
        self._show()

    def _work(self, job: _Job, cancel: engine.CancelToken, *, is_preview: bool) -> None:
        project = self._open(job)
        job.view = replace(job.view, phase=JobPhase.NARRATING, progress="Getting ready", problem=None)
        self._show()
        identity, voice = self._identify(project, cancel)
        if cancel.cancelled:
            return
        if identity != job.identity:
            job.identity = identity
            self._look(job)
        refreshed_s = time.monotonic()
        entry = self._entry(voice.name)
        can_batch = entry.name == self._speaker.engine and entry.capabilities.batches
        speaker = self._engine if can_batch else OneByOne(self._engine)
        for _ in range(engine.narration.MAX_MENDINGS):
            for progress in engine.narration.narrate(project, speaker, identity, voice, cancel):
                self._note(job, progress)
                if is_preview and self._is_previewed(job):
                    break
                if time.monotonic() - refreshed_s > REFRESH_S:
                    self._look(job)
                    refreshed_s = time.monotonic()
            if is_preview:
                job.preview_left_s = 0.0 if not cancel.cancelled or self._is_previewed(job) else job.preview_left_s
                return
            if cancel.cancelled:
                return
            self._look(job)  # all is spoken: the chapters say so while the file is written
            try:
                self._write(job, project, identity, voice, cancel)
            except engine.NarrationError as error:
                if error.problem != "sounds_damaged":
                    raise
                log.warning("sounds of a narration are damaged, and spoken again: %s", error.detail)
                job.view = replace(job.view, phase=JobPhase.NARRATING, fraction=0.0)
            else:
                return
        raise engine.NarrationError("sounds_damaged", project.folder, "again and again")

    def _write(
        self,
        job: _Job,
        project: engine.narration.Project,
        identity: str,
        voice: engine.Voice,
        cancel: engine.CancelToken,
    ) -> None:
        job.view = replace(job.view, phase=JobPhase.WRITING)
        self._show()
        for progress in engine.narration.export_narration(project, identity, voice, job.target, cancel):
            line = engine.files.readable_name(f"Writing {job.target.name}, {100 * progress.fraction:.0f} %")
            job.view = replace(job.view, fraction=progress.fraction, progress=line)
            self._show(often=True)
            if progress.paths:
                job.view = replace(
                    job.view, phase=JobPhase.DONE, fraction=1.0, progress=resting_words(JobPhase.DONE, 1)
                )
                self._finish(job.view)

    def _note(self, job: _Job, progress: engine.narration.NarrationProgress) -> None:
        if progress.sentence is not None:
            job.playlist.set_path(progress.sentence.chapter, progress.sentence.index, progress.path)
        job.view = replace(job.view, fraction=progress.fraction, progress=progress_words(progress))
        self._show(often=True)

    def _is_previewed(self, job: _Job) -> bool:
        """Whether a minute from the beginning has its sound."""
        seconds, place = 0.0, 0
        while (entry := job.playlist.entry(place)) is not None and (entry.path is not None or entry.is_silent):
            if entry.path is not None:
                seconds += entry.path.stat().st_size / (SAMPLE_BYTES * engine.SAMPLE_RATE_HZ) + entry.pause_ms / 1000
            if seconds >= job.preview_left_s:
                return True
            place += 1
        return entry is None

    def _identify(self, project: engine.narration.Project, cancel: engine.CancelToken) -> tuple[str, engine.Voice]:
        """The engine, which is started for it if need be, and the voice. Raises `EngineError`."""
        name = project.settings.voice
        entry = self._entry(name)
        if entry.needs.checkpoint:  # what it is says its status, once it is open
            warm_up = engine.SpeechRequest("Yes.", options=engine.SpeechOptions(language="en", max_attempts=1))
            for event in self._engine.speak(warm_up, cancel):
                if isinstance(event, engine.PcmChunk):
                    break
        voice = self._load_voice(entry, name)
        return engine.narration.engine_identity(entry, self._engine.status(), self._speaker.checkpoint), voice

    def _entry(self, voice: str) -> engine.registry.EngineEntry:
        """The engine that speaks with `voice`."""
        return engine.registry.engine_of_voice(voice) or engine.registry.engine_named(self._speaker.engine)

    def _load_voice(self, entry: engine.registry.EngineEntry, name: str) -> engine.Voice:
        if (own := _own_voice(entry, name)) is not None:
            return own
        if self._voice is None or self._voice[0] != name:
            codec = engine.codec_of(self._engine)
            assert codec is not None  # its entry says that it clones
            voice = engine.voice_library.load_voice(name, self._speaker.voices_folder, codec.encode, codec.n_codebooks)
            self._voice = name, voice
        return self._voice[1]

    # --- inside

    def _job(self, name: str) -> _Job | None:
        return next((job for job in self._jobs if job.view.name == name), None)

    def _open(self, job: _Job) -> engine.narration.Project:
        """One project is open at a time: it holds the lock, and the sentences of a whole book."""
        if self._project is None or self._project[0] != job.view.name:
            for other in self._jobs:
                self._close_project(other)
            self._project = job.view.name, engine.narration.Project(job.folder)
        project = self._project[1]
        if job.view.phase is not JobPhase.DONE and self._pronunciations is not None:
            project.set_settings(replace(project.settings, pronunciations=self._pronunciations))
        return project

    def _close_project(self, job: _Job) -> None:
        if self._project is not None and self._project[0] == job.view.name:
            project, self._project = self._project[1], None
            try:
                project.close()
            except engine.EngineError as error:
                log.warning("a narration was not closed well: %s", error)

    def _change(
        self, name: str, change: Callable[[engine.narration.Project], object], target: Path | None = None
    ) -> None:
        job = self._job(name)
        if job is None or not job.view.is_changeable:
            return
        try:
            change(self._open(job))
            if target is not None:
                job.target = target
            if job.view.phase is JobPhase.DONE:
                job.view = replace(job.view, phase=JobPhase.READY, progress="Changed since it was written")
        except engine.EngineError as error:
            self._fail(job, error)
        self._look(job)
        self._show()

    def _look(self, job: _Job) -> None:
        """Take chapters, warnings and sounds anew from its project."""
        try:
            project = self._open(job)
            self._read_view(job, project)
        except engine.EngineError as error:
            if job.view.problem is None:
                self._fail(job, error)

    def _read_view(self, job: _Job, project: engine.narration.Project) -> None:
        settings, book = project.settings, project.book
        if job.target == Path():
            job.target = usual_target(book.source, project.folder, settings)
        voice = self._known_voice(settings.voice)
        mended = tuple(f"A damaged file was set aside, and is made anew: {path}" for path in project.mended)
        report = engine.narration.report_on_narration(project, job.identity, voice)
        job.playlist.set_all(self._entries(job, project))
        phase = job.view.phase
        fraction = job.view.fraction
        if phase in (JobPhase.READY, JobPhase.PAUSED, JobPhase.WAITING, JobPhase.FAILED):
            fraction = report.n_spoken / report.n_sentences if report.n_sentences else 0.0
        elif phase is JobPhase.DONE:
            fraction = 1.0
        written = job.target if phase is JobPhase.DONE and job.target.exists() else None
        job.view = replace(
            job.view,
            title=book.title,
            author=book.author,
            chapters=chapter_rows(report),
            warnings=warning_rows(report),
            settings=settings,
            target=job.target,
            notes=(*unvoiced_lines(report), *wordless_lines(report), *book.warnings, *mended),
            fraction=fraction,
            progress=job.view.progress or resting_words(phase, fraction),
            written=written,
        )

    def _known_voice(self, name: str) -> engine.Voice:
        """The voice as `_identify` would give it, as far as that is known without asking the engine."""
        own = _own_voice(self._entry(name), name)
        if own is not None:
            return own
        return self._voice[1] if self._voice is not None and self._voice[0] == name else engine.Voice(name)

    def _entries(self, job: _Job, project: engine.narration.Project) -> list[Entry]:
        pauses = project.settings.pauses
        chapters = [project.contents(chapter).sentences for chapter in project.included()]
        paths = iter(self._paths(job, project, [sentence for sentences in chapters for sentence in sentences]))
        entries: list[Entry] = []
        for sentences in chapters:
            for sentence in sentences:
                pause_ms = pauses.paragraph_ms if sentence.ends_paragraph else pauses.sentence_ms
                pause_ms = pauses.chapter_ms if sentence is sentences[-1] else pause_ms
                entries.append(Entry(sentence.chapter, sentence.index, pause_ms, next(paths)))
        return entries

    def _paths(
        self, job: _Job, project: engine.narration.Project, sentences: Sequence[engine.narration.Sentence]
    ) -> list[Path | None]:
        if not job.identity:
            return [None] * len(sentences)
        return engine.narration.narrated_paths(
            project, job.identity, self._known_voice(project.settings.voice), sentences
        )

    def _words(
        self, job: _Job, project: engine.narration.Project, text: str, sentences: Sequence[engine.narration.Sentence]
    ) -> tuple[Callable[[], tuple[engine.Word, ...]], ...]:
        """What tells where the words of each of a chapter's `sentences` are in its `text`."""
        if not job.identity:
            return ()
        voice = self._known_voice(project.settings.voice)
        found = engine.narration.narrated_words(project, job.identity, voice, sentences)
        return tuple(partial(_words_in, text, *pair) for pair in zip(sentences, found, strict=True))

    def _fail(self, job: _Job, error: engine.EngineError) -> None:
        log.warning("the narration %s stopped: %s", job.folder, error)
        job.preview_left_s = 0.0
        job.view = replace(job.view, phase=JobPhase.FAILED, problem=explain_in_window(error), progress="Stopped")

    def _show(self, *, often: bool = False) -> None:
        """With `often` not more than five times a second; else now, and the queue is kept."""
        now_s = time.monotonic()
        if often and now_s - self._shown_s < SHOW_S:
            return
        self._shown_s = now_s
        self._playlists = {job.view.name: job.playlist for job in self._jobs}
        self._on_change(tuple(job.view for job in self._jobs))
        if not often:
            self._save()

    def _save(self) -> None:
        books = (
            QueuedBook(job.folder, job.target, _kept_phase(job.view.phase), job.identity)
            for job in self._jobs
            if job.view.phase is not JobPhase.READING
        )
        try:
            save_queue(self._folder, books)
        except engine.OutputError as error:
            log.warning("the queue of narrations was not kept: %s", error)


def _words_in(
    text: str, sentence: engine.narration.Sentence, find: Callable[[], tuple[TimedWord, ...]]
) -> tuple[engine.Word, ...]:
    """The words of a sentence by their places in the chapter's `text`; none where it says something else by now."""
    start = sentence.start
    if text[start : sentence.end] != sentence.text:
        return ()
    return tuple(engine.Word(start + w.start, start + w.end, w.from_sample, w.confidence) for w in find())


def _own_voice(entry: engine.registry.EngineEntry, name: str) -> engine.Voice | None:
    """The voice `name` where it needs no recordings; None where it is one that a person keeps. An engine that cannot
    take those speaks with the usual one of its own."""
    if entry.has_voice(name) or (entry.capabilities.clones and not name):
        return engine.Voice(name)
    return None if entry.capabilities.clones else engine.Voice(entry.name)


def _kept_phase(phase: JobPhase) -> JobPhase:
    return JobPhase.WAITING if phase in (JobPhase.NARRATING, JobPhase.WRITING) else phase
