"""A narration with a dictionary: only the sentences that a change of it touches have another sound."""

from collections.abc import Callable
from dataclasses import replace

from engine.choice import BUILT_IN
from engine.narration.project import Project
from engine.narration.project_files import DICTIONARY_NAME
from engine.narration.render import recipe_of
from engine.text.dictionary import write_dictionary
from engine.types import Pronunciation, Voice

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
        write_dictionary(project.folder / DICTIONARY_NAME, (Pronunciation("cat", "kat"),))
        with_both = keys()
        assert [a == b for a, b in zip(with_person, with_both, strict=True)] == [True, False, True]
        assert [entry.written for entry in project.spoken_settings.pronunciations] == ["cat", "gif"]
        assert project.spoken_settings.speech_options("en", 1).pronunciations[0].spoken == "kat"
        write_dictionary(project.folder / DICTIONARY_NAME, (Pronunciation("dog", "dawg"),))
        assert keys() == with_person
    with type(project)(project.folder) as again:
        assert again.settings.pronunciations == (Pronunciation("gif", "jif"),)
