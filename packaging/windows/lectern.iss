; Inno Setup's recipe for lectern-VERSION-setup.exe, which a person double-clicks: it brings the wheel and install.ps1, and
; has that install Lectern for this user alone. On Windows, with Inno Setup 6.3 or newer, in a checkout with dist\*.whl:
;   iscc /DVersion=1.2.3 packaging\windows\lectern.iss
; Not tried: no Inno Setup was to be had where this was written. tests/test_windows_setup.py reads it.

#ifndef Version
  #error Name the version: iscc /DVersion=1.2.3 packaging\windows\lectern.iss
#endif

[Setup]
AppId={{5B0B5A0E-6A0C-4B6E-9F52-3E0D9C1C7A51}
AppName=Lectern
AppVersion={#Version}
AppPublisher=The Lectern developers
AppPublisherURL=https://github.com/lectern/lectern
AppSupportURL=https://github.com/lectern/lectern/issues
VersionInfoVersion={#Version}
; No administrator's rights: install.ps1 writes below the user's own folder, and this writes beside it.
PrivilegesRequired=lowest
DefaultDirName={localappdata}\Lectern-setup
DisableDirPage=yes
DisableProgramGroupPage=yes
; x64compatible is ARM64's Windows 11, too, which runs these programs.
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
MinVersion=10.0.17763
LicenseFile=..\..\LICENSE
SetupIconFile=..\..\resources\icons\lectern.ico
UninstallDisplayIcon={app}\lectern.ico
OutputDir=..\..\dist
OutputBaseFilename=lectern-{#Version}-setup
SourceDir=.
Compression=lzma2
SolidCompression=yes
WizardStyle=modern
CloseApplications=no

[Languages]
Name: "english"; MessagesFile: "compiler:Default.isl"

[Tasks]
Name: "autostart"; Description: "Start Lectern at login"; Flags: unchecked

[Files]
Source: "..\install.ps1"; DestDir: "{app}"
Source: "..\..\resources\icons\lectern.ico"; DestDir: "{app}"
Source: "..\..\dist\lectern-{#Version}-py3-none-any.whl"; DestDir: "{app}"

[Run]
; In a window of its own: it fetches up to 3 GB where a GPU suits S1 Mini, and says how far it is.
Filename: "{sys}\WindowsPowerShell\v1.0\powershell.exe"; Parameters: "-NoProfile -ExecutionPolicy Bypass -File ""{app}\install.ps1"" -Source ""{app}\lectern-{#Version}-py3-none-any.whl"" -Yes"; StatusMsg: "Fetching Python and what Lectern needs ..."; Flags: waituntilterminated; Tasks: not autostart
Filename: "{sys}\WindowsPowerShell\v1.0\powershell.exe"; Parameters: "-NoProfile -ExecutionPolicy Bypass -File ""{app}\install.ps1"" -Source ""{app}\lectern-{#Version}-py3-none-any.whl"" -Yes -Autostart"; StatusMsg: "Fetching Python and what Lectern needs ..."; Flags: waituntilterminated; Tasks: autostart
Filename: "{localappdata}\Lectern-program\venv\Scripts\lectern.exe"; Description: "Start Lectern"; Flags: nowait postinstall skipifsilent skipifdoesntexist runhidden

[UninstallRun]
; Voices, weights and settings are kept.
Filename: "{sys}\WindowsPowerShell\v1.0\powershell.exe"; Parameters: "-NoProfile -ExecutionPolicy Bypass -File ""{app}\install.ps1"" -Uninstall"; Flags: waituntilterminated runhidden; RunOnceId: "RemoveLectern"
