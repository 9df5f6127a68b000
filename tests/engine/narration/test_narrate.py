"""Sentences spoken into a project: each once, the same whatever interrupts it, and only what was changed again."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from narrators import BatchingToneEngine, ToneEngine

from engine.errors import NarrationError, OptionError, OutputError
from engine.narration.project import Project
from engine.narration.render import NarrationProgress, Stage, narrate, recipe_of
from engine.narration.report import report_on
from engine.narration.settings import NarrationSettings
from engine.narration.timeline import lay_out, sound_of
from engine.types import CancelToken, PcmChunk, SpeechEngine, Voice

MakeProject = Callable[..., Project]

TEXT = "The first sentence is here. The second one follows it at once.\n\nThen a paragraph begins. Yes. It ends. Yes."
IDENTITY = "tones/1"


def speak(project: Project, engine: SpeechEngine | None = None, voice: Voice | None = None) -> list[NarrationProgress]:
    return list(narrate(project, engine or ToneEngine(), IDENTITY, voice or Voice(), CancelToken()))


def audio_files(project: Project) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (project.folder / "audio").rglob("*") if path.is_file()}


def whole_sound(project: Project) -> bytes:
    timeline = lay_out(project, recipe_of(project, IDENTITY, Voice()))
    return b"".join(chunk.tobytes() for chunk in sound_of(timeline, project.sounds))


def test_every_sentence_has_a_file_and_one_that_comes_twice_only_one(make_project: MakeProject) -> None:
    with make_project([TEXT]) as project:
        progress = speak(project)
        assert len(project.sentences()) == 6
        assert len(audio_files(project)) == 5  # "Yes." comes twice
        last = progress[-1]
        assert (last.stage, last.n_done, last.n_sentences, last.fraction) == (Stage.SPEAKING, 5, 5, 1.0)
        assert last.left_s == 0.0


def test_what_is_there_is_not_spoken_again(make_project: MakeProject) -> None:
    with make_project([TEXT]) as project:
        speak(project)
        before = audio_files(project)
    engine = ToneEngine()
    with Project(project.folder) as project:
        speak(project, engine)
        assert engine.requests == []
        assert audio_files(project) == before


def test_a_sentence_edited_is_the_only_one_rendered_again(make_project: MakeProject) -> None:
    with make_project([TEXT, "Another chapter. With its own sentences in it."]) as project:
        speak(project)
        before = audio_files(project)
        project.edit_sentence(project.sentence(0, 1), "The second one says something else.")
        engine = ToneEngine()
        speak(project, engine)
        assert [request.text for request in engine.requests] == ["The second one says something else."]
        after = audio_files(project)
        assert len(after.keys() - before.keys()) == 1
        assert {name: after[name] for name in before} == before
    with Project(project.folder) as project:
        assert project.sentence(0, 1).text == "The second one says something else."
        project.edit_sentence(project.sentence(0, 1), project.sentence(0, 1).original)
        speak(project, engine := ToneEngine())
        assert engine.requests == []  # it is as it was, and so is its sound


def test_a_redo_speaks_that_sentence_with_another_seed(make_project: MakeProject) -> None:
    with make_project([TEXT]) as project:
        speak(project)
        before = lay_out(project, recipe_of(project, IDENTITY, Voice())).chapters[0].sentences[2].take
        project.redo_sentence(project.sentence(0, 2))
        speak(project, engine := ToneEngine())
        assert [request.text for request in engine.requests] == ["Then a paragraph begins."]
        after = lay_out(project, recipe_of(project, IDENTITY, Voice())).chapters[0].sentences[2].take
        assert after.seed != before.seed


def test_only_what_a_setting_touches_is_rendered_again(make_project: MakeProject) -> None:
    with make_project([TEXT]) as project:
        speak(project)
        for changes in ({"loudness_lufs": -20.0}, {"format": "flac"}):
            project.set_settings(replace(project.settings, **changes))
            speak(project, engine := ToneEngine())
            assert engine.requests == []
        project.set_settings(replace(project.settings, temperature=0.5))
        speak(project, engine := ToneEngine())
        assert len(engine.requests) == 5


def test_stopped_anywhere_it_goes_on_and_sounds_the_same(make_project: MakeProject) -> None:
    with make_project([TEXT], "undisturbed") as project:
        speak(project)
        expected, sound = audio_files(project), whole_sound(project)
    make_project([TEXT], "disturbed").close()
    folder = project.folder.with_name("disturbed")
    n_runs = 0
    for n_events in range(1, 9):
        cancel = CancelToken()
        with Project(folder) as project:
            for i, _ in enumerate(narrate(project, ToneEngine(), IDENTITY, Voice(), cancel), start=1):
                if i == n_events % 3 + 1:
                    cancel.cancel()
            n_runs += 1
    with Project(folder) as project:
        speak(project)
        assert audio_files(project) == expected
        assert whole_sound(project) == sound


def test_without_a_voice_one_is_improvised_once_and_kept(make_project: MakeProject) -> None:
    engine = ToneEngine()
    with make_project([TEXT]) as project:
        speak(project, engine)
        first, *rest = engine.requests
        assert not first.voice.references
        voices = {request.voice.references[0].codes.tobytes() for request in rest}
        assert len(voices) == 1
    with Project(project.folder) as project:
        project.edit_sentence(project.sentence(0, 0), "Something new.")
        speak(project, engine := ToneEngine())
        assert [request.voice.references[0].codes.tobytes() for request in engine.requests] == list(voices)


@pytest.mark.slow
def test_batches_begin_at_the_same_sentences_in_every_run(make_project: MakeProject) -> None:
    text = " ".join(f"This is sentence number {'i' * i} of many." for i in range(1, 11))
    with make_project([text]) as project:
        speak(project, engine := BatchingToneEngine())
        assert engine.batches == [4, 4, 2]
        batched = audio_files(project)
        project.edit_sentence(project.sentence(0, 5), "Another one, alone.")
        speak(project, engine := BatchingToneEngine())
        assert engine.batches == []
    with make_project([text], "one by one") as project:
        speak(project)
        assert audio_files(project) == {name: data for name, data in batched.items() if name in audio_files(project)}


@pytest.mark.slow
def test_where_batches_are_exact_what_is_done_is_kept_at_once(make_project: MakeProject) -> None:
    """Stopped while the second of four is spoken; and the book is the same in the end."""
    text = " ".join(f"This is sentence number {'i' * i} of many." for i in range(1, 11))
    with make_project([text], "whole") as project:
        speak(project, BatchingToneEngine())
        expected = audio_files(project)
    for is_exact in (True, False):
        with make_project([text], f"stopped {is_exact}") as project:
            cancel = CancelToken()
            engine = BatchingToneEngine(is_exact=is_exact)
            for progress in narrate(project, engine, IDENTITY, Voice(), cancel):
                if progress.sentence is not None:
                    cancel.cancel()
            assert engine.batches == [4]
            assert len(audio_files(project)) == (1 if is_exact else 4)
        with Project(project.folder) as project:
            speak(project, engine := BatchingToneEngine(is_exact=is_exact))
            assert engine.batches == ([3, 4, 2] if is_exact else [4, 2])
            assert audio_files(project) == expected


def test_a_sentence_that_cannot_be_spoken_is_counted_and_passed_over(make_project: MakeProject) -> None:
    for engine in (ToneEngine(), BatchingToneEngine()):
        with make_project(["All is well here. This is unspeakable. And all is well again."], repr(engine)) as project:
            progress = speak(project, engine)
            assert [p.failed for p in progress if p.sentence is not None] == [False, True, False]
            report = report_on(project, recipe_of(project, IDENTITY, Voice()))
            assert report.adds_up
            assert report.n_failed_chars == len("Thisisunspeakable.")
            assert [(d.doubts, d.sentence.index) for d in report.doubtful] == [(("failed",), 1)]
            assert len(lay_out(project, recipe_of(project, IDENTITY, Voice())).chapters[0].sentences) == 2


def test_the_report_counts_every_character(make_project: MakeProject) -> None:
    text = "A **bold** word. See https://example.org/page for more.\n\n* * *\n\nThe end 😀 of it."
    with make_project([text, "Left out altogether.", "***"]) as project:
        project.set_chapters([replace(c, is_included=i != 1) for i, c in enumerate(project.chapters)])
        before = report_on(project)
        assert before.adds_up
        assert before.n_waiting_chars > 0 == before.n_spoken_chars
        speak(project)
        project.edit_sentence(project.sentence(0, 0), "")
        report = report_on(project, recipe_of(project, IDENTITY, Voice()))
        assert report.adds_up
        assert report.n_chars == sum(not sign.isspace() for text in project.book.texts for sign in text)
        assert report.left_out["chapter"] == len("Leftoutaltogether.")
        assert report.left_out["edited"] == len("Aboldword.")
        assert {"signs", "address", "emoji", "markup"} <= set(report.left_out)
        assert report.n_waiting_chars == report.n_failed_chars == 0
        assert json.loads(report.to_json())["adds_up"] is True


def test_names_of_emotions_are_text_unless_the_person_wants_them_acted_out(make_project: MakeProject) -> None:
    with make_project(["(whispering) It is late. They (moved) the table."]) as project:
        spoken = ToneEngine()
        speak(project, spoken, Voice("x"))
        assert [request.options.markers for request in spoken.requests] == [False, False]
        assert report_on(project).markers == ()
        assert [
            placed.words for placed in lay_out(project, recipe_of(project, IDENTITY, Voice("x"))).chapters[0].sentences
        ] == [
            "(whispering) It is late.",
            "They (moved) the table.",
        ]
        project.set_settings(replace(project.settings, markers=True))
        spoken = ToneEngine()
        speak(project, spoken, Voice("x"))
        assert [request.text for request in spoken.requests] == [
            "(whispering) It is late."
        ]  # the other sounds the same
        assert report_on(project).markers == (("whispering", 1),)
        placed = lay_out(project, recipe_of(project, IDENTITY, Voice("x"))).chapters[0].sentences
        assert [sentence.words for sentence in placed] == ["It is late.", "They (moved) the table."]


def test_two_processes_do_not_work_on_one_project(make_project: MakeProject) -> None:
    with make_project([TEXT]) as project:
        with pytest.raises(NarrationError) as caught:
            Project(project.folder)
        assert caught.value.problem == "busy"
        with Project(project.folder, is_writer=False) as looking:  # looking is free
            assert len(looking.sentences()) == 6
    Project(project.folder).close()


def test_what_a_kill_or_a_power_cut_leaves_is_mended(make_project: MakeProject) -> None:
    with make_project([TEXT]) as project:
        speak(project)
        expected = audio_files(project)
    log = project.folder / "sentences.jsonl"
    lines = log.read_bytes().splitlines(keepends=True)
    takes = [json.loads(line)["key"] for line in lines if b'"take"' in line]
    # A torn line, a file beside its place, and, since the last sync, a file of zeros and one that is cut off.
    log.write_bytes(b"".join(line for line in lines if b'"synced"' not in line) + b'{"is":"take","ke')
    paths = {path.name: path for path in (project.folder / "audio").rglob("*.wav")}
    paths[f"{takes[0]}.wav"].with_name("x.wav.part").write_bytes(b"half")
    zeros, cut = paths[f"{takes[1]}.wav"], paths[f"{takes[2]}.wav"]
    zeros.write_bytes(bytes(zeros.stat().st_size))
    os.truncate(cut, 100)
    with Project(project.folder) as project:
        speak(project, engine := ToneEngine())
        assert len(engine.requests) == 2
        assert audio_files(project) == expected


@pytest.mark.slow
def test_a_full_disk_stops_it_and_loses_nothing(make_project: MakeProject, monkeypatch: pytest.MonkeyPatch) -> None:
    """The real thing is in tests/real/test_narrate.py; here every single write fails once."""
    real_write = os.write
    for n_writes in range(8):
        with make_project([TEXT], f"full{n_writes}") as project:
            n_left = n_writes

            def write(descriptor: int, data: bytes) -> int:
                nonlocal n_left
                n_left -= 1
                if n_left < 0:
                    raise OSError(28, "No space left on device")
                return real_write(descriptor, data)

            monkeypatch.setattr(os, "write", write)
            if n_writes < 6:
                with pytest.raises(OutputError) as caught:
                    speak(project)
                assert caught.value.problem == "disk_full"
            monkeypatch.undo()
            speak(project)
            assert len(audio_files(project)) == 5


def test_chapters_in_another_order_under_another_name(make_project: MakeProject) -> None:
    with make_project(["First chapter text.", "Second chapter text.", "Third chapter text."]) as project:
        one, two, three = project.chapters
        middle = replace(two, title="Middle", is_included=False)
        project.set_chapters([replace(three, title="End"), replace(one, title="Start"), middle])
        speak(project)
        timeline = lay_out(project, recipe_of(project, IDENTITY, Voice()))
        assert [chapter.title for chapter in timeline.chapters] == ["End", "Start"]
    with Project(project.folder) as project:
        assert [chapter.title for chapter in project.chapters] == ["End", "Start", "Middle"]


def test_a_book_read_anew_keeps_what_did_not_change(make_project: MakeProject) -> None:
    with make_project([TEXT]) as project:
        project.edit_sentence(project.sentence(0, 0), "My own words.")
        speak(project)
    with make_project([TEXT.replace("at once", "later")]) as project:
        speak(project, engine := ToneEngine())
        assert [request.text for request in engine.requests] == ["The second one follows it later."]
        assert project.sentence(0, 0).text == "My own words."


def test_no_line_of_a_foreign_log_reaches_beyond_the_project(make_project: MakeProject, tmp_path: Path) -> None:
    """A log may come from anywhere, and names files that may be deleted."""
    with make_project(["A sentence. Another one."]) as project:
        speak(project)
        folder = project.folder
    log = folder / "sentences.jsonl"
    take = next(json.loads(line) for line in log.read_text().splitlines() if '"take"' in line)
    victims = [folder / "victim.wav", tmp_path / "victim.wav", folder / "audio/victim.wav", tmp_path / "absolute.wav"]
    for victim in victims:
        victim.write_bytes(b"somebody's own")
    keys = [
        "../victim",
        "../../victim",
        "../../../victim",
        "victim",
        str(tmp_path / "absolute"),
        "..",
        "a/../../victim",
    ]
    changed = [take | {"key": key, "n_samples": 9} for key in keys] + [take | {"attempt": "/../../../victim"}]
    verdicts = [{"is": "verdict", "key": key, "attempt": 1, "doubts": []} for key in keys]
    forgotten = [{"is": "forget", "key": key} for key in keys]
    whole = log.read_bytes()
    for lines in (changed, [*changed, *verdicts], [*changed, *forgotten]):
        log.write_bytes(whole + b"".join(json.dumps(line).encode() + b"\n" for line in lines))
        with Project(folder) as project:
            project.sounds.drop_others(frozenset())
            for key in keys:
                project.sounds.forget(key)
    assert [victim.read_bytes() for victim in victims] == [b"somebody's own"] * 4


def test_a_damaged_voice_is_set_aside_and_improvised_again(make_project: MakeProject) -> None:
    """The same from the same text and seed, so that nothing is spoken twice."""
    with make_project([TEXT]) as project:
        speak(project)
        folder = project.folder
    whole = (folder / "voice.npz").read_bytes()
    for damaged in (b"no zip", whole[:-40], whole.replace(b"NUMPY", b"numpy")):
        (folder / "voice.npz").write_bytes(damaged)
        with Project(folder, is_writer=False) as looked_at:
            assert looked_at.kept_voice(IDENTITY) is None
            assert (folder / "voice.npz").read_bytes() == damaged, "who only looks changes nothing"
        engine = ToneEngine()
        with Project(folder) as project:
            speak(project, engine)
            (aside,) = project.mended
            assert aside.read_bytes() == damaged
            assert aside.name.startswith("voice.broken-")
            aside.unlink()
        assert len(engine.requests) == 1, "the beginning, for the voice"
        assert (folder / "voice.npz").read_bytes() == whole


def test_a_damaged_or_a_later_project_is_told(make_project: MakeProject, tmp_path: Path) -> None:
    folder = make_project([TEXT]).folder
    for name, content, problem in (
        ("settings.json", '{"version": 1, "voi', "damaged"),
        ("settings.json", '{"version": 99}', "newer"),
        ("book.json", "[]", "damaged"),
    ):
        good = (folder / name).read_bytes()
        (folder / name).write_text(content)
        with pytest.raises(NarrationError) as caught:
            Project(folder, is_writer=False)
        assert caught.value.problem == problem
        (folder / name).write_bytes(good)
    with pytest.raises(NarrationError) as caught:
        Project(tmp_path / "nowhere")
    assert caught.value.problem == "no_project"


@pytest.mark.parametrize(
    "values", [{"loudness_lufs": -5.0}, {"format": "aac"}, {"subtitles": ("ass",)}, {"language": "xx"}, {"seed": -1}]
)
def test_settings_outside_their_limits(values: dict[str, object]) -> None:
    with pytest.raises(OptionError):
        NarrationSettings(**values)  # type: ignore[arg-type]


def test_the_sound_of_a_sentence_is_the_engines_without_its_silence(make_project: MakeProject) -> None:
    with make_project(["One sentence only."]) as project:
        speak(project, engine := ToneEngine(), Voice("one"))
        said = np.concatenate(
            [event.samples for event in engine.speak(engine.requests[0], CancelToken()) if isinstance(event, PcmChunk)]
        )
        take = project.sounds.take(recipe_of(project, IDENTITY, Voice("one")).key(project.sentence(0, 0)))
        assert take is not None
        pcm = project.sounds.read(take)
        audible = np.flatnonzero(np.abs(said) > 0.002)
        start = audible[0] - 20 * 44_100 // 1000
        assert np.abs(pcm / 32767 - said[start : start + len(pcm)]).max() < 1e-4
