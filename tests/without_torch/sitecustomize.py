"""A Python in which PyTorch and what goes with it are not installed: first on PYTHONPATH, each child runs it at start.

Once the file that LECTERN_TEST_TORCH_CAME names exists they are. What keeps children on this machine is run too.
"""

import os
import runpy
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

HIDDEN = frozenset({"torch", "torchaudio", "tiktoken"})


class Hidden(MetaPathFinder):
    """Says of what is hidden that nobody has it."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,  # noqa: ARG002
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> ModuleSpec | None:
        came = os.environ.get("LECTERN_TEST_TORCH_CAME", "")
        if fullname.partition(".")[0] in HIDDEN and not os.path.exists(came):  # noqa: PTH110
            raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)
        return None


if __name__ == "sitecustomize":
    sys.meta_path.insert(0, Hidden())
    runpy.run_path(os.path.join(os.path.dirname(__file__), "..", "offline", "sitecustomize.py"))  # noqa: PTH118, PTH120
