"""No test, and no Python started by one, may reach beyond this machine.

`tests/conftest.py` runs this file in pytest itself, and puts its folder on PYTHONPATH so that every Python
child runs it at start. An attempt raises PermissionError where it is made, and is written to the file named by
LECTERN_TEST_NETWORK_LOG: code that swallows the exception is found out all the same.
"""

import os
import sys
from typing import Any

CONNECTS = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
LOOKS_UP = frozenset({"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"})


def _host_reached(event: str, arguments: tuple[Any, ...]) -> Any:
    """The host that a socket event is about; None where it names none."""
    if event in LOOKS_UP:
        return arguments[0]
    address = arguments[1]
    # AF_UNIX addresses are paths; sendmsg on a connected socket has no address
    return address[0] if isinstance(address, tuple) else None


def _stays_here(host: Any) -> bool:
    from ipaddress import ip_address  # late: most children never open a socket

    name = host.decode() if isinstance(host, bytes) else host
    if name in (None, "", "localhost"):
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if event not in CONNECTS and event not in LOOKS_UP:
        return
    host = _host_reached(event, arguments)
    log = os.environ.get("LECTERN_TEST_NETWORK_LOG")
    if log is None or _stays_here(host):
        return
    with open(log, "a", encoding="utf-8") as file:  # noqa: PTH123  pathlib is not worth its import in every child
        file.write(f"{event} {host!r} by {sys.orig_argv}\n")
    raise PermissionError(f"a test may not reach beyond this machine: {event} {host!r}")


class _SpawningFinder:
    """Finds nothing itself: has engine processes forked, once what would spawn them is loaded."""

    @classmethod
    def find_spec(cls, name: str, path: Any, target: Any = None) -> Any:
        if name != "multiprocessing.popen_spawn_posix" or "LECTERN_TEST_FORKED_ENGINES" not in os.environ:
            return None
        from importlib.machinery import PathFinder

        spec = PathFinder.find_spec(name, path, target)
        assert spec is not None
        assert spec.loader is not None
        load = spec.loader.exec_module

        def exec_module(module: Any) -> None:
            load(module)
            _forked_engines().replace_spawning(module)

        spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec


def _forked_engines() -> Any:
    """tests/forked_engines.py, which is on the path of few Pythons."""
    if "forked_engines" not in sys.modules:
        from importlib.util import module_from_spec, spec_from_file_location

        tests = os.path.dirname(os.path.dirname(__file__))  # noqa: PTH120
        spec = spec_from_file_location("forked_engines", os.path.join(tests, "forked_engines.py"))  # noqa: PTH118
        assert spec is not None
        assert spec.loader is not None
        sys.modules["forked_engines"] = module_from_spec(spec)
        spec.loader.exec_module(sys.modules["forked_engines"])
    return sys.modules["forked_engines"]


sys.addaudithook(_watch)
sys.meta_path.insert(0, _SpawningFinder)

if __name__ == "sitecustomize":  # in a child; pytest itself has its own ways
    from lectern_test_messages import watch

    watch()
