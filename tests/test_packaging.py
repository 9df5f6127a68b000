"""What users install with: the installer in a home of its own, and the files that desktops read."""

from __future__ import annotations

import os
import re
import shutil
import struct
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from defusedxml.ElementTree import parse

from desktop.commands.install_desktop import MIME_TYPES, desktop_file
from desktop.common.paths import APP_ID

ROOT = Path(__file__).resolve().parent.parent
INSTALL = ROOT / "packaging" / "install.sh"
BASH = shutil.which("bash") or "bash"

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="install.sh is for Linux")


def run(*command: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    words = [str(word) for word in command]
    env = os.environ | environment
    return subprocess.run(words, env=env, capture_output=True, encoding="utf-8", input="", timeout=60, check=False)


def write_script(path: Path, body: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!{BASH}\n{body}\n", encoding="utf-8")
    path.chmod(0o755)


# --- the installer, in a home of its own

# Makes an environment whose `lectern` is this checkout's, and notes how it was called. Not its install-pytorch, which
# would install into the environment of these tests: it has tests of its own, and here the call is noted.
LECTERN = f"""#!{BASH}
if [[ $1 == install-pytorch ]]; then
  echo "lectern $* with $LECTERN_UV" >>"$HOME/../calls"
  exit "$(cat "$HOME/../no-pytorch" 2>/dev/null || echo 0)"
fi
exec "{sys.executable}" -P -m desktop "$@"
"""
UV = """
echo "uv $*" >>"$HOME/../calls"
case "$1 $2" in
  "venv "*) folder="${@: -1}"; mkdir -p "$folder/bin" ;;
  "pip install")
    [[ ! -e $HOME/../no-network ]] || exit 1
    cp "$HOME/../lectern" "${4%/python}/lectern" ;;
esac
"""


@dataclass(frozen=True, slots=True)
class Home:
    """A home folder with a space in its name, and a PATH with a stand-in for uv."""

    folder: Path

    @property
    def data(self) -> Path:
        return self.folder / ".local/share/lectern"

    @property
    def link(self) -> Path:
        return self.folder / ".local/bin/lectern"

    @property
    def entry(self) -> Path:
        return self.folder / f".local/share/applications/{APP_ID}.desktop"

    @property
    def stand_ins(self) -> Path:
        return self.folder.parent / "bin"

    def install(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        path = f"{self.stand_ins}{os.pathsep}/usr/bin{os.pathsep}/bin"
        xdg = {f"XDG_{name}_HOME": "" for name in ("DATA", "CONFIG", "STATE", "CACHE")}
        return run(BASH, INSTALL, *arguments, HOME=str(self.folder), PATH=path, **xdg)

    def files(self) -> list[str]:
        return sorted(str(path.relative_to(self.folder)) for path in self.folder.rglob("*") if not path.is_dir())

    def calls(self) -> list[str]:
        return (self.folder.parent / "calls").read_text().splitlines()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "my home")
    home.folder.mkdir()
    write_script(home.stand_ins / "uv", UV)
    (tmp_path / "lectern").write_text(LECTERN)
    (tmp_path / "lectern").chmod(0o755)
    return home


def test_install_and_uninstall_leave_nothing_behind(home: Home) -> None:
    (home.folder / ".profile").write_text("mine")
    before = home.files()
    done = home.install("--autostart")
    assert done.returncode == 0, done.stderr
    assert "Lectern is installed." in done.stderr
    lock = ROOT / "packaging/constraints.txt"
    _, lectern, pytorch = home.calls()
    assert f"-c {lock} --build-constraints {lock} {ROOT}[server]" in lectern
    assert pytorch == f"lectern install-pytorch with {home.stand_ins / 'uv'}"
    assert run(home.link, "--version").stdout.startswith("lectern ")
    assert home.entry.exists()
    assert (home.folder / f".config/autostart/{APP_ID}.desktop").exists()
    gone = home.install("--uninstall")
    assert gone.returncode == 0, gone.stderr
    assert home.files() == before
    assert not home.data.exists()


@pytest.mark.slow
def test_twice_is_as_once(home: Home) -> None:
    assert home.install().returncode == 0
    once = home.files()
    assert home.install().returncode == 0
    assert home.files() == once


@pytest.mark.slow
def test_a_run_that_breaks_off_leaves_the_old_one_working(home: Home) -> None:
    assert home.install().returncode == 0
    (home.folder.parent / "no-network").touch()
    (home.data / "venv/old").touch()
    assert home.install().returncode == 1
    assert run(home.link, "--version").returncode == 0
    assert (home.data / "venv/old").exists()
    (home.folder.parent / "no-network").unlink()
    assert home.install().returncode == 0
    assert not (home.data / "venv/old").exists()
    assert not (home.data / "venv.new").exists()


def test_without_pytorch_it_is_installed_and_never_takes_the_place_of_one_with_it(home: Home) -> None:
    (home.folder.parent / "no-pytorch").write_text("1")
    done = home.install()
    assert done.returncode == 0
    assert "without PyTorch, which S1 Mini needs. To install it later: lectern install-pytorch" in done.stderr
    assert run(home.link, "--version").returncode == 0
    (home.data / "venv/old").touch()
    again = home.install()
    assert again.returncode == 2
    assert "Lectern is as it was." in again.stderr
    assert (home.data / "venv/old").exists()


def test_a_build_that_was_named_is_asked_for(home: Home) -> None:
    assert home.install("--torch", "cu126").returncode == 0
    assert home.calls()[-1] == f"lectern install-pytorch --build cu126 with {home.stand_ins / 'uv'}"


@pytest.mark.slow
def test_uninstall_keeps_what_is_yours_unless_told(home: Home) -> None:
    assert home.install().returncode == 0
    for name in (".local/share/lectern/voices/ann/a.wav", ".config/lectern/settings.json"):
        (home.folder / name).parent.mkdir(parents=True)
        (home.folder / name).write_text("mine")
    kept = home.install("--uninstall", "--yes")
    assert kept.returncode == 0
    assert "They were kept." in kept.stderr
    assert home.files() == [".config/lectern/settings.json", ".local/share/lectern/voices/ann/a.wav"]
    assert home.install("--uninstall", "--purge").returncode == 0
    assert home.files() == []


def test_uninstall_where_nothing_is(home: Home) -> None:
    assert home.install("--uninstall").returncode == 0
    assert home.files() == []


def test_a_dry_run_does_nothing(home: Home) -> None:
    said = home.install("--dry-run")
    assert said.returncode == 0
    assert "would run: " in said.stderr
    assert list(home.folder.iterdir()) == []
    assert home.install().returncode == 0
    before = home.files()
    said = home.install("--dry-run", "--uninstall", "--purge")
    assert "would run: rm -rf" in said.stderr
    assert home.files() == before


def test_somebody_elses_program_is_left_alone(home: Home) -> None:
    write_script(home.link, "echo mine")
    done = home.install()
    assert done.returncode == 0
    assert "was left alone" in done.stderr
    assert home.install("--uninstall").returncode == 0
    assert run(home.link).stdout == "mine\n"


@pytest.mark.slow
def test_uv_is_fetched_only_with_consent(home: Home) -> None:
    uv = (home.stand_ins / "uv").rename(home.folder.parent / "the-uv")
    # stands in for curl: prints an installer that puts uv where it is told to
    installer = f'mkdir -p "$UV_UNMANAGED_INSTALL" && cp "{uv}" "$UV_UNMANAGED_INSTALL/uv"'
    write_script(home.stand_ins / "curl", f"cat <<'END'\n{installer}\nEND")
    if shutil.which("uv", path="/usr/bin:/bin"):
        pytest.skip("this computer has its own uv in /usr/bin")
    refused = home.install()
    assert refused.returncode == 2
    assert "pass --yes" in refused.stderr
    assert list(home.folder.iterdir()) == []
    assert home.install("--yes").returncode == 0
    assert (home.data / "uv/uv").exists()
    assert home.install().returncode == 0, "the uv that was fetched is found again"
    assert home.install("--uninstall").returncode == 0
    assert home.files() == []


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--torch", "cu999"), "--torch takes"),
        (("--torch",), "--torch takes"),
        (("--sideways",), "There is no option --sideways."),
        (("/etc",), "neither a wheel nor a checkout"),
        (("a", "b"), "One folder or wheel"),
        (("--purge",), "goes with --uninstall"),
    ],
)
def test_wrong_usage_is_said(home: Home, arguments: tuple[str, ...], complaint: str) -> None:
    done = home.install(*arguments)
    assert done.returncode == 2
    assert complaint in done.stderr
    assert home.files() == []


def test_with_the_real_uv_and_a_small_wheel(home: Home, tmp_path: Path) -> None:
    """A wheel of the same name with nothing to fetch: the environment, its move and the link are real."""
    uv = shutil.which("uv", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    if uv is None:
        pytest.skip("uv is not here")
    (home.stand_ins / "uv").unlink()
    write_script(home.stand_ins / "uv", f'export UV_OFFLINE=1 UV_PYTHON="{sys.executable}"; exec "{uv}" "$@"')
    wheel = tmp_path / "lectern-0.0.1-py3-none-any.whl"
    info = "lectern-0.0.1.dist-info"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("small.py", "import sys\ndef main(): print(sys.prefix, *sys.argv[1:])\n")
        archive.write(ROOT / "packaging/constraints.txt", "desktop/resources/constraints.txt")
        archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: lectern\nVersion: 0.0.1\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/entry_points.txt", "[console_scripts]\nlectern = small:main\n")
        archive.writestr(f"{info}/RECORD", "")
    done = home.install(wheel, "--torch", "cpu")
    assert done.returncode == 0, done.stderr
    assert run(home.link, "show").stdout == f"{home.data / 'venv'} show\n"
    assert f"{home.data / 'venv.new'} install-pytorch --build cpu" in done.stderr


def test_a_wheel_that_locks_nothing_is_refused(home: Home, tmp_path: Path) -> None:
    wheel = tmp_path / "lectern-0.0.1-py3-none-any.whl"
    zipfile.ZipFile(wheel, "w").close()
    (home.stand_ins / "uv").unlink()
    write_script(
        home.stand_ins / "uv", f'mkdir -p "${{@: -1}}/bin" && ln -s "{sys.executable}" "${{@: -1}}/bin/python"'
    )
    done = home.install(wheel)
    assert done.returncode == 2
    assert "does not say which versions" in done.stderr


# --- what desktops read


def test_the_menu_entry_is_what_install_desktop_writes() -> None:
    packaged = ROOT / "packaging" / f"{APP_ID}.desktop"
    assert packaged.read_text() == desktop_file(["lectern"])


@pytest.mark.parametrize(
    ("program", "arguments", "name"),
    [
        ("desktop-file-validate", (), f"{APP_ID}.desktop"),
        ("appstreamcli", ("validate", "--no-net"), f"{APP_ID}.metainfo.xml"),
    ],
)
def test_validators_agree(program: str, arguments: tuple[str, ...], name: str) -> None:
    path = shutil.which(program)
    if path is None:
        pytest.fail(f"this test needs {program}: install the Debian packages desktop-file-utils and appstream")
    done = run(path, *arguments, ROOT / "packaging" / name)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "hint" not in done.stdout + done.stderr


def test_the_appstream_entry_names_this_program_and_what_it_opens() -> None:
    entry = parse(ROOT / "packaging" / f"{APP_ID}.metainfo.xml").getroot()
    assert entry is not None
    assert entry.findtext("id") == APP_ID
    assert entry.findtext("launchable") == f"{APP_ID}.desktop"
    assert [kind.text for kind in entry.iterfind("provides/mediatype")] == list(MIME_TYPES)


def test_its_pictures_are_those_of_the_project_and_as_large_as_it_says() -> None:
    entry = parse(ROOT / "packaging" / f"{APP_ID}.metainfo.xml").getroot()
    assert entry is not None
    images = list(entry.iterfind("screenshots/screenshot/image"))
    assert images
    for image in images:
        address = image.text or ""
        assert address.startswith("https://")
        picture = (ROOT / "resources" / "pictures" / address.rpartition("/resources/pictures/")[2]).read_bytes()
        assert struct.unpack(">2I", picture[16:24]) == (int(image.attrib["width"]), int(image.attrib["height"]))


def test_the_installers_agree_on_their_names() -> None:
    """install.ps1 cannot run here; what it shares with the rest is checked."""
    script = (ROOT / "packaging" / "install.ps1").read_text(encoding="utf-8-sig")
    for shared in ("https://astral.sh/uv/install.ps1", "constraints.txt", "--build-constraints", "install-pytorch"):
        assert shared in script


WINDOWS_TRAPS = {
    r"\?\?|\?\.\w|&&|\|\|": "operators of PowerShell 7",
    r"\$Is(Windows|Linux|MacOS)\b": "variables of PowerShell 6, which strict mode refuses in 5.1",
    r"-Parallel\b|-AsHashtable\b|UTF8(No)?BOM\b": "parameters of PowerShell 6 and 7",
    r"Join-Path\s+\S+\s+'[^']*'\s+'": "Join-Path with three parts, which 5.1 does not know",
    r"\.(Starts|Ends)With\((?![^)]*OrdinalIgnoreCase)": "paths that are compared with their capitals",
    r"\b(curl|wget|ls|rm|cp|mv|cat|echo|iex|irm|iwr)\s": "aliases, which may be something else",
    r"Remove-Item(?!Property)(?![^|\n]*-LiteralPath)": "brackets in a folder's name as a pattern",
}
"""What 5.1, which every Windows has, takes otherwise than it looks."""


def test_the_windows_installer_has_no_trap_of_powershell_5() -> None:
    data = (ROOT / "packaging" / "install.ps1").read_bytes()
    script = data.decode("ascii")  # without a mark, 5.1 reads anything else in the system's old code page
    code = re.sub(r"<#.*?#>|(?<!\S)#[^\n]*", "", script, flags=re.DOTALL)
    found = {why: re.findall(f".*(?:{trap}).*", code) for trap, why in WINDOWS_TRAPS.items()}
    assert {why: lines for why, lines in found.items() if lines} == {}
    assert "Set-StrictMode" in code
    assert "$ErrorActionPreference = 'Stop'" in code
    for opening, closing in ("{}", "()", "[]"):
        assert code.count(opening) == code.count(closing)


AUTOMATIC = (
    "_|args|consolefilename|error|event|eventargs|eventsubscriber|executioncontext|false|foreach|home|host|input|"
    "matches|myinvocation|nestedpromptlevel|null|pid|profile|psboundparameters|pscmdlet|pscommandpath|psculture|psitem|"
    "psscriptroot|psuiculture|psversiontable|pwd|sender|shellid|stacktrace|switch|this|true"
)
"""Variables that PowerShell sets itself."""
VERBS = {"Add", "Find", "Get", "Install", "Invoke", "New", "Remove", "Set", "Stop", "Test", "Uninstall"}
"""Of PowerShell's approved ones, those that are used."""
ANALYSED = {
    rf"(?i)\$({AUTOMATIC})\s*[+-]?=[^=]": "PSAvoidAssignmentToAutomaticVariable",
    rf"(?i)(function [\w-]+|param)\s*\([^)]*\$({AUTOMATIC})\b": "the same, of parameters",
    r"(?i)-(eq|ne)\s+\$null": "PSPossibleIncorrectComparisonWithNull",
    r"(?i)\bInvoke-Expression\b": "PSAvoidUsingInvokeExpression",
    r"(?i)\b(Get|Set)-WmiObject\b|\bwmic\b": "PSAvoidUsingWMICmdlet",
    r"(?i)catch\s*\{\s*\}": "PSAvoidUsingEmptyCatchBlock",
    r"(?i)-AsPlainText\b": "PSAvoidUsingConvertToSecureStringWithPlainText",
    r"(?i)\$global:(?!LASTEXITCODE\b)": "PSAvoidGlobalVars",
    r"(?i)(?:if|while)\s*\([^()]*[^=!<>]=[^=][^()]*\)": "PSPossibleIncorrectUsageOfAssignmentOperator",
    r"[ \t]+$": "PSAvoidTrailingWhitespace",
    r"(?i)Write-Host[^\n]*(fail|error|could not|cannot)": "errors that are no errors: Stop-WithMessage writes them",
    r"`[ \t]+$": "a backtick that continues no line",
    r"(?i)\[switch\]\s*\$\w+\s*=": "PSAvoidDefaultValueSwitchParameter",
}
"""Rules of PSScriptAnalyzer, which needs PowerShell, as far as they can be read."""


def test_the_windows_installer_keeps_powershells_rules() -> None:
    script = (ROOT / "packaging" / "install.ps1").read_text(encoding="ascii")
    code = re.sub(r"<#.*?#>|[ ]*(?<!\S)#[^\n]*", "", script, flags=re.DOTALL)
    lines = [line for line in code.split("\n") if line.strip()]
    assert {
        f"{rule}: {line}" for rule_of, rule in ANALYSED.items() for line in lines if re.search(rule_of, line)
    } == set()
    functions = re.findall(r"^function (\w+)-(\w+)", code, flags=re.MULTILINE)
    assert len(functions) > 10
    assert {verb for verb, _ in functions} <= VERBS  # PSUseApprovedVerbs
    declared = re.findall(r"^    \[[^\n]*\$(\w+)", code[: code.index("\n)\n")], flags=re.MULTILINE)
    body = code[code.index("\n)\n") :]
    assert [name for name in declared if f"${name}" not in body] == []  # PSReviewUnusedParameter
    assert len(declared) == 6


def test_arm64_gets_the_python_that_has_wheels() -> None:
    script = (ROOT / "packaging" / "install.ps1").read_text(encoding="ascii")
    (line,) = re.findall(r"^if .*'ARM64'.*$", script, flags=re.MULTILINE)
    assert "PROCESSOR_ARCHITEW6432" in line  # what a program for x86-64 is told there
    assert "windows-x86_64" in line


def test_the_shortcut_has_an_icon_that_the_wheel_brings() -> None:
    script = (ROOT / "packaging" / "install.ps1").read_text(encoding="ascii")
    assert r"desktop\resources\icons\lectern.ico" in script
    icon = (ROOT / "resources" / "icons" / "lectern.ico").read_bytes()
    assert icon[:4] == b"\0\0\1\0"
    for number in range(icon[4]):
        n_bytes, place = struct.unpack_from("<2I", icon, 6 + 16 * number + 8)
        assert icon[place:].startswith(b"\x89PNG")
        assert place + n_bytes <= len(icon)


def test_no_parameter_of_the_windows_installer_asks_where_the_script_is() -> None:
    """Under -File, PowerShell 5.1 knows $PSScriptRoot in the body only: in `param` it is empty."""
    script = (ROOT / "packaging" / "install.ps1").read_text(encoding="utf-8-sig")
    parameters, _, body = script[script.index("param(") :].partition("\n)\n")
    assert "$PSScriptRoot" not in parameters
    assert "$PSScriptRoot" in body
