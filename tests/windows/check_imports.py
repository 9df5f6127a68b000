"""On Windows: every module of Lectern's is imported, but for those that are another system's, or need PyTorch."""

import importlib
import pkgutil
import sys

assert sys.platform == "win32"

import desktop
import engine

ELSEWHERE = {
    # Windows has none of these, and nothing imports them there.
    "Xlib": ("desktop.platform.hotkeys.x11", "desktop.platform.selection.x11"),
    "dbus_fast": (
        "desktop.platform.hotkeys.portal",
        "desktop.platform.media_keys",
        "desktop.platform.notifications",
        "desktop.platform.sleep_inhibitor.logind",
    ),
}
NEEDS_PYTORCH = ("torch", "tiktoken", "triton")

imported, failed, without_pytorch = 0, [], 0
for package in (engine, desktop):
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if found.name.endswith("__main__"):
            continue
        try:
            importlib.import_module(found.name)
        except ModuleNotFoundError as error:
            if error.name in NEEDS_PYTORCH:
                without_pytorch += 1
            elif found.name not in ELSEWHERE.get(error.name or "", ()):
                failed.append((found.name, error))
        except Exception as error:
            failed.append((found.name, error))
        else:
            imported += 1
print(f"  {imported} modules imported, {without_pytorch} without PyTorch not")
assert not failed, failed
assert imported > 300, imported
for missing in ("Xlib", "dbus_fast", "torch"):
    assert missing not in sys.modules
print("check_imports: well")
