"""A narration with a dictionary: only the sentences that a change of it touches have another sound."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from narrators import ToneEngine

from engine.builtin.names import BUILT_IN
from engine.narration.project import Project
from engine.narration.project_files import BOOK_DICTIONARY
from engine.narration.render import narrate, recipe_of
from engine.narration.report import report_on
from engine.text.dictionary import write_dictionary
from engine.types import CancelToken, Pronunciation, Voice

TEXT = "The GIF is here. A cat sleeps. The gif stays."


def test_a_word_of_the_dictionary_touches_its_sentences_alone(make_project: Callable[..., Project]) -> None:
    with make_project([TEXT]) as project:
        sentences = project.sentences()

        def keys() -> list[str]:
            recipe = recipe_of(project, BUILT_IN, Voice())
            return [recipe.key(sentence) for sentence in sentences]

        before = keys()
        project.set_settings(replace(project.settings, pronunciations=(Pronunciation("gif", "jif"),)))
        with_person = keys()
        assert [a == b for a, b in zip(before, with_person, strict=True)] == [False, True, False]
        write_dictionary(project.folder / BOOK_DICTIONARY, (Pronunciation("cat", "kat"),))
        with_both = keys()
        assert [a == b for a, b in zip(with_person, with_both, strict=True)] == [True, False, True]
        assert [entry.written for entry in project.spoken_settings.pronunciations] == ["cat", "gif"]
        assert project.spoken_settings.speech_options("en", 1).pronunciations[0].spoken == "kat"
        write_dictionary(project.folder / BOOK_DICTIONARY, (Pronunciation("dog", "dawg"),))
        assert keys() == with_person
    with type(project)(project.folder) as again:
        assert again.settings.pronunciations == (Pronunciation("gif", "jif"),)


def test_a_sound_touches_its_sentences_for_engines_that_can_say_it(make_project: Callable[..., Project]) -> None:
    with make_project([TEXT]) as project:
        sounds = []
        for entry in (Pronunciation("gif", "jif"), Pronunciation("gif", "jif", ipa="dʒɪf")):
            write_dictionary(project.folder / BOOK_DICTIONARY, (entry,))
            assert project.spoken_settings.speech_options("en", 1).pronunciations == (entry,)
            recipes = [recipe_of(project, identity, Voice()) for identity in (BUILT_IN, "S1 Mini")]
            sounds.append([[recipe.key(sentence) for sentence in project.sentences()] for recipe in recipes])
        (with_word, s1_with_word), (with_sound, s1_with_sound) = sounds
        assert [a == b for a, b in zip(with_word, with_sound, strict=True)] == [False, True, False]
        assert s1_with_word == s1_with_sound
        project.set_settings(replace(project.settings, pronunciations=(Pronunciation("cat", "", ipa="kat"),)))
        report = report_on(project)
        assert (report.unsaid, report.adds_up) == ((), True)  # no respelling is no silence
    with type(project)(project.folder) as again:
        assert again.settings.pronunciations == (Pronunciation("cat", "", ipa="kat"),)


SILENT = (Pronunciation("§", ""), Pronunciation("ibid", ""), Pronunciation(r"\((sic)?\)", "", is_pattern=True))
MARKED = "The lamp§ burns (sic) low. Ibid. It rains§, and **rains**§ again.\n\nIbid\n\nIt is over."


@pytest.mark.parametrize("is_own", [False, True], ids=["the person's", "the book's"])
def test_what_the_dictionary_leaves_unsaid_is_counted_and_listed_as_that(
    make_project: Callable[..., Project], is_own: bool
) -> None:
    with make_project([MARKED, "Nothing§ of this chapter. Ibid."]) as project:
        whole = report_on(project)
        if is_own:
            write_dictionary(project.folder / BOOK_DICTIONARY, SILENT)
        else:
            project.set_settings(replace(project.settings, pronunciations=SILENT))
        project.set_chapters([project.chapters[0], replace(project.chapters[1], is_included=False)])
        engine = ToneEngine()
        list(narrate(project, engine, "tones", Voice("x"), CancelToken()))
        assert [request.text for request in engine.requests] == [
            *("The lamp§ burns (sic) low.", "It rains§, and rains§ again.", "It is over."),
        ]
        report = report_on(project, recipe_of(project, "tones", Voice("x")))
        assert report.unsaid == (("§", 3), ("(sic)", 1), ("Ibid.", 1), ("Ibid", 1))
        assert report.left_out["dictionary"] == len("§§§(sic)Ibid.Ibid")
        assert report.n_spoken_chars == len("Thelampburnslow.Itrains,andrainsagain.Itisover.")
        assert report.left_out["chapter"] == len("Nothing§ofthischapter.Ibid.")
        assert report.adds_up
        assert report.n_chars == whole.n_chars
        assert (report.n_failed_chars, report.n_waiting_chars, report.doubtful) == (0, 0, ())


def test_a_word_left_unsaid_or_said_again_has_its_sentence_spoken_anew(make_project: Callable[..., Project]) -> None:
    with make_project(["The lamp§ burns. It rains."]) as project:
        for entries, asked in (
            ((), ["The lamp§ burns.", "It rains."]),
            ((Pronunciation("§", ""),), ["The lamp§ burns."]),
            ((Pronunciation("§", ""), Pronunciation("snows", "")), []),
            ((), []),
            ((Pronunciation("§", "dagger"),), ["The lamp§ burns."]),
        ):
            project.set_settings(replace(project.settings, pronunciations=entries))
            engine = ToneEngine()
            list(narrate(project, engine, "tones", Voice("x"), CancelToken()))
            assert [request.text for request in engine.requests] == asked
            assert report_on(project).unsaid == ((("§", 1),) if entries and not entries[0].spoken else ())


def test_only_the_characters_of_the_book_count_in_a_sentence_that_was_edited(
    make_project: Callable[..., Project],
) -> None:
    with make_project(["The lamp§ burns. It rains."], pronunciations=(Pronunciation("§", ""),)) as project:
        project.edit_sentence(project.sentence(0, 0), "The lamp§§ shines.")
        report = report_on(project)
        assert (report.unsaid, report.adds_up) == ((), True)
        assert report.n_waiting_chars == len("Thelamp§burns.Itrains.")
        project.edit_sentence(project.sentence(0, 0), "§§")
        report = report_on(project)
        assert (report.unsaid, report.adds_up) == ((("§§", 1),), True)
        assert report.left_out == {"dictionary": len("Thelamp§burns.")}
        assert [sentence.text for sentence in project.sentences()] == ["It rains."]
