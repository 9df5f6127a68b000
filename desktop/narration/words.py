"""Describes a narration in words: how far it is, what it came to, which sentences to listen to. No Qt here."""

from __future__ import annotations

import engine
import engine.narration
import engine.text
from desktop.common.messages import counted, duration
from desktop.narration.values import JobPhase

_DOUBTS = {
    "too_fast": "spoken faster than the others, so words may be missing",
    "too_slow": "spoken more slowly than the others, so words may come twice",
    "long_pause": "a long silence in it",
    "repetition": "the same sound twice in a row",
    "clipped": "too loud in places",
    "skipped_word": "a word may be missing",
    "repeated_word": "a word may come twice",
    "strange_sound": "something may be heard that is not in the text",
    "silent": "nothing can be heard",
    "frame_cap": "its end was not found in time",
    "stuck": "the voice got stuck on one sound",
    "failed": "it could not be spoken",
}

_LEFT_OUT = {
    "page_header": "page headers",
    "page_footer": "page footers",
    "page_number": "page numbers",
    "margin_number": "numbers in the margin",
    "turned": "text at another angle",
    "hyphen": "hyphens at line ends",
    "footnote": "footnotes",
    "contents": "tables of contents",
    "timing": "subtitles' numbers and times",
    "code": "scripts and styles",
    "hidden": "what the file hides",
    "licence": "the file's licence",
    "front_matter": "fields before the text",
    "chapter": "chapters left out",
    "signs": "signs that nobody reads out",
    "markup": "markup",
    "address": "parts of web addresses",
    "emoji": "emoji and other pictures",
    "invisible": "characters that nobody sees",
    "dictionary": "what the dictionary leaves unsaid",
    "ruby": "readings beside their signs",
    "repetition": "subtitles that come twice",
    "deleted": "what a revision took out",
    "furniture": "what stands around a page's text: menus, links to share it",
    "sound": "sounds and speakers' names in subtitles",
    "edited": "sentences taken out by hand",
}

MAX_SHOWN_CHARS = 60
MAX_UNSAID = 20
MAX_NOTES = 3


def warning_list(doubts: tuple[str, ...]) -> str:
    """List why a sentence should be listened to, without a full stop."""
    return "; ".join(_DOUBTS.get(doubt, doubt) for doubt in doubts)


def warning_words(doubtful: engine.narration.DoubtfulSentence) -> str:
    """Describe one sentence to listen to, for a list."""
    return (
        f"Listen to “{shortened(doubtful.sentence.text)}” ({doubtful.chapter_title}): {warning_list(doubtful.doubts)}."
    )


def left_out_words(reason: str) -> str:
    """Name a reason for which characters are left out."""
    return _LEFT_OUT.get(reason, reason.replace("_", " "))


def note_words(notes: tuple[str, ...]) -> str:
    """Put what a person should know of a book before it is narrated on a few lines."""
    more = len(notes) - MAX_NOTES
    return "\n".join((*notes[:MAX_NOTES], *([f"and {more} more, which the report lists"] if more > 0 else [])))


def shortened(text: str) -> str:
    """Cut `text` to `MAX_SHOWN_CHARS`."""
    return text if len(text) <= MAX_SHOWN_CHARS else f"{text[: MAX_SHOWN_CHARS - 1].rstrip()}…"


def progress_words(progress: engine.narration.NarrationProgress) -> str:
    """Say in one line what is going on, how far it is, and how long it takes."""
    match progress.stage.value:
        case "voice":
            return "Finding a voice for the book"
        case "checking":
            return f"Speaking doubtful sentences again, {progress.n_done} of {progress.n_sentences}"
    words = f"Narrating {100 * progress.fraction:.0f} %, sentence {progress.n_done} of {progress.n_sentences}"
    if progress.left_s is not None and progress.n_done < progress.n_sentences:
        words += f", {duration(progress.left_s)} left"
    return words


def resting_words(phase: JobPhase, fraction: float) -> str:
    """Describe in one line a book that nothing happens to now; empty where nothing was done yet."""
    percent = f"{100 * fraction:.0f} %"
    match phase:
        case JobPhase.DONE:
            return "The audiobook is written"
        case JobPhase.PAUSED:
            return f"Paused at {percent}"
        case JobPhase.FAILED:
            return f"Stopped at {percent}"
        case JobPhase.WAITING:
            return "Waiting for its turn"
        case _ if fraction > 0:
            return f"{percent} is narrated"
        case _:
            return ""


def n_sentences(n: int) -> str:
    """Say how many sentences: "1 sentence", "2 sentences"."""
    return counted(n, "sentence")


def outline(report: engine.narration.NarrationReport) -> list[str]:
    """List what would be narrated: chapters, sentences, time, and what is left out and why."""
    lines = [f"{report.title}{f', {report.author}' if report.author else ''}"]
    for place, chapter in enumerate(report.chapters, start=1):
        title = chapter.title or "(no title)"
        what = f"{n_sentences(chapter.n_sentences)}, about {duration(chapter.estimated_s)}"
        lines.append(f"{place:>4}. {title}: {what if chapter.is_included else 'left out'}")
    lines.append(f"{n_sentences(report.n_sentences)}, about {duration(report.estimated_s)}")
    return [*lines, *language_lines(report), *_count_lines(report)]


def language_lines(report: engine.narration.NarrationReport) -> list[str]:
    """Say which languages the sentences are in, and which of them no voice speaks."""
    name = engine.text.name_of_language
    each = [f"{name(code)} ({n})" for code, n in report.languages.items()]
    spoken = [f"Sentences by language: {', '.join(each)}"] if each else []
    return [*spoken, *unvoiced_lines(report)]


def unvoiced_lines(report: engine.narration.NarrationReport) -> list[str]:
    """Warn of each language that no voice speaks."""
    return [
        f"{n} {'sentence looks' if n == 1 else 'sentences look'} like {engine.text.name_of_language(code)}, which no "
        "voice speaks: what is heard of it will not be right."
        for code, n in report.unvoiced_languages.items()
    ]


def wordless_lines(report: engine.narration.NarrationReport) -> list[str]:
    """Say of how many sentences nobody knows when their words are heard, and what helps."""
    if not report.n_wordless:
        return []
    return [
        f"{n_sentences(report.n_wordless)} cannot be marked word by word: an earlier Lectern made them, or a voice "
        "that does not tell when it says a word. Made again, by one that does, they can."
    ]


def report_words(report: engine.narration.NarrationReport) -> list[str]:
    """Write the whole report, for a file."""
    lines = [f"{report.title}{f', {report.author}' if report.author else ''}", ""]
    for place, chapter in enumerate(report.chapters, start=1):
        if chapter.is_included:
            counts = f"{chapter.n_spoken} of {chapter.n_sentences} sentences spoken, {duration(chapter.audio_s)}"
        else:
            counts = "left out"
        lines.append(f"{place:>4}. {chapter.title or '(no title)'}: {counts}")
    lines += ["", *language_lines(report), *wordless_lines(report), *_count_lines(report)]
    if report.doubtful:
        lines += ["", f"Sentences to listen to: {len(report.doubtful)}"]
        for doubtful in report.doubtful:
            detail = f" ({doubtful.detail})" if doubtful.detail else ""
            lines += [
                f"- {doubtful.chapter_title}, {warning_list(doubtful.doubts)}{detail}:",
                f"  {doubtful.sentence.text}",
            ]
    if report.reader_warnings:
        lines += ["", "What reading the file left in doubt:", *(f"- {warning}" for warning in report.reader_warnings)]
    return lines


def _count_lines(report: engine.narration.NarrationReport) -> list[str]:
    lines = [f"Characters, white space aside: {report.n_chars:,}"]
    for words, n in (
        ("spoken", report.n_spoken_chars),
        ("not spoken yet", report.n_waiting_chars),
        ("failed", report.n_failed_chars),
    ):
        if n:
            lines.append(f"  {n:>10,}  {words}")
    for reason, n in sorted(report.left_out.items(), key=lambda item: -item[1]):
        lines.append(f"  {n:>10,}  left out: {left_out_words(reason)}")
    if report.unsaid:
        words = [f"“{shortened(text)}”{f' ({n} times)' if n > 1 else ''}" for text, n in report.unsaid[:MAX_UNSAID]]
        more = len(report.unsaid) - MAX_UNSAID
        words += [f"and {more} more"] if more > 0 else []
        lines.append(f"Left unsaid by the dictionary: {', '.join(words)}")
    if report.markers:
        acted = ", ".join(f"({name}) {n:,}" for name, n in report.markers)
        lines.append(f"Emotion markers, acted out by a voice that can and read by none: {acted}")
    lines.append(f"  {'' if report.adds_up else 'The sum does NOT match. '}".rstrip())
    return [line for line in lines if line.strip()]
