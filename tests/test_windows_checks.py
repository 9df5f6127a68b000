"""The table of Windows' faults in tests/windows/README.md names what is there, and every check is in it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "tests" / "windows"
PAGE = (FOLDER / "README.md").read_text(encoding="utf-8")


def test_each_check_that_the_table_names_is_there_and_each_that_is_there_is_named() -> None:
    assert set(re.findall(r"`(check_\w+)\.py`", PAGE)) == {path.stem for path in FOLDER.glob("check_*.py")}


def test_each_test_that_the_table_names_is_there() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", PAGE)
    assert len(named) > 20
    for file, name in named:
        tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
        functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        assert not name or name in functions, f"{file}::{name}"


def test_each_check_says_at_its_end_that_all_is_well() -> None:
    """run.sh asks for it: Wine gives some crashes the exit code 0."""
    for path in FOLDER.glob("check_*.py"):
        assert path.read_text(encoding="utf-8").rstrip().endswith(f'print("{path.stem}: well")'), path.name
        assert path.read_text(encoding="utf-8").startswith('"""On Windows: '), path.name
