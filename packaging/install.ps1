<#
.SYNOPSIS
Installs Lectern for you alone, on Windows 10 or 11; no administrator's rights, no Python needed beforehand.

.DESCRIPTION
In PowerShell, in a checkout of Lectern:

  powershell -ExecutionPolicy Bypass -File packaging\install.ps1              install this checkout
  powershell -ExecutionPolicy Bypass -File packaging\install.ps1 -Uninstall   remove it again

What it makes: %LOCALAPPDATA%\Lectern-program (the program, and uv with its Python where uv was missing), and a shortcut
in the start menu. Voices, weights and settings are in %LOCALAPPDATA%\lectern. Broken off or run twice, it ends the same.

.PARAMETER Source
A checkout's folder or a wheel, instead of the checkout that this script is in.
.PARAMETER Torch
PyTorch's build cpu, cu126, cu128 or cu130, instead of what suits the driver.
.PARAMETER Autostart
Start Lectern at login.
.PARAMETER Yes
Fetch uv without a question.
.PARAMETER Uninstall
Remove the program; voices, weights and settings are kept.
.PARAMETER Purge
With -Uninstall: delete those too.
#>
[CmdletBinding()]
param(
    [string] $Source = '',
    [ValidateSet('', 'cpu', 'cu126', 'cu128', 'cu130')] [string] $Torch = '',
    [switch] $Autostart,
    [switch] $Yes,
    [switch] $Uninstall,
    [switch] $Purge
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'
if (-not $Source) { $Source = Split-Path -Parent $PSScriptRoot }  # not in `param`: under -File, PowerShell 5.1 does not know it there

$UvPage = 'https://docs.astral.sh/uv/'
$UvInstaller = 'https://astral.sh/uv/install.ps1'
$Pythons = '>=3.11,<3.15'  # those that torch 2.11 has wheels for
# For ARM64 there is no PyTorch and no espeak-ng: Windows runs the other processors' programs there.
if ('ARM64' -in $env:PROCESSOR_ARCHITECTURE, $env:PROCESSOR_ARCHITEW6432) { $Pythons = 'cpython-3.13-windows-x86_64-none' }

$Program = Join-Path $env:LOCALAPPDATA 'Lectern-program'
$Data = Join-Path $env:LOCALAPPDATA 'lectern'  # voices, weights, settings, logs
$Venv = Join-Path $Program 'venv'
$OwnUv = Join-Path $Program 'uv'
$Shortcut = Join-Path ([Environment]::GetFolderPath('Programs')) 'Lectern.lnk'
$RunKey = 'HKCU:\Software\Microsoft\Windows\CurrentVersion\Run'  # desktop/platform/autostart.py writes the value "Lectern"
$ApprovedKey = 'HKCU:\Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run'  # what the task manager turned off

function Stop-WithMessage([string] $Message) {
    [Console]::Error.WriteLine($Message)
    exit 2
}

# What a program prints, or nothing where it fails. Windows PowerShell takes a native program's errors for its own.
function Invoke-Quietly([string] $Path, [string[]] $Arguments) {
    $before = $ErrorActionPreference
    $ErrorActionPreference = 'Continue'
    try { $output = & $Path @Arguments 2>$null }
    catch { $output = @(); $global:LASTEXITCODE = 1 }
    finally { $ErrorActionPreference = $before }
    if ($LASTEXITCODE -eq 0) { $output }
}

function Invoke-Loudly([string] $Path, [string[]] $Arguments) {
    $before = $ErrorActionPreference
    $ErrorActionPreference = 'Continue'  # uv reports its progress on standard error
    try { & $Path @Arguments | Out-Host }
    finally { $ErrorActionPreference = $before }
    return $LASTEXITCODE
}

function Invoke-Checked([string] $Path, [string[]] $Arguments) {
    if ((Invoke-Loudly $Path $Arguments) -ne 0) { Stop-WithMessage "This failed: $Path $($Arguments -join ' ')" }
}

function Get-Uv {
    $own = Join-Path $OwnUv 'uv.exe'
    $found = Get-Command uv -ErrorAction SilentlyContinue
    if ($found) { return $found.Source }
    if (-not (Test-Path -LiteralPath $own)) {
        Write-Host "Lectern is installed with uv ($UvPage), which brings Python as well. It is not on this computer."
        if (-not $Yes -and (Read-Host "Fetch uv from $UvInstaller into ${OwnUv}? [y/N]") -notmatch '^[Yy]') {
            Stop-WithMessage "Install uv ($UvPage), or pass -Yes, then run this again."
        }
        $env:UV_UNMANAGED_INSTALL = $OwnUv
        [Net.ServicePointManager]::SecurityProtocol = [Net.SecurityProtocolType]::Tls12
        $script = Invoke-RestMethod -UseBasicParsing $UvInstaller  # whole before it runs
        # in a process of its own: its `exit` must not end this one
        $file = Join-Path ([IO.Path]::GetTempPath()) "lectern-uv-$PID.ps1"
        Set-Content -LiteralPath $file -Value $script -Encoding UTF8
        try { Invoke-Checked 'powershell' @('-NoProfile', '-ExecutionPolicy', 'Bypass', '-File', $file) }
        finally { Remove-Item -LiteralPath $file -Force }
        if (-not (Test-Path -LiteralPath $own)) { Stop-WithMessage "uv's installer left no uv in $OwnUv. Install uv ($UvPage), then run this again." }
    }
    # what a uv of our own fetches goes where -Uninstall finds it
    $env:UV_PYTHON_INSTALL_DIR = Join-Path $Program 'python'
    $env:UV_CACHE_DIR = Join-Path $Program 'cache'
    return $own
}

function Stop-Lectern {
    $lectern = Join-Path $Venv 'Scripts\lectern.exe'
    if (-not (Test-Path -LiteralPath $lectern)) { return }
    [void] (Invoke-Quietly $lectern @('quit'))
    # Windows deletes no program that still runs
    $running = @(Get-Process | Where-Object { $_.Path -and $_.Path.StartsWith("$Venv\", [StringComparison]::OrdinalIgnoreCase) })
    if ($running.Count -gt 0) { $running | Wait-Process -Timeout 15 -ErrorAction SilentlyContinue }
}

function Remove-Folder([string] $Path) {
    if (-not (Test-Path -LiteralPath $Path)) { return }
    try { Remove-Item -LiteralPath $Path -Recurse -Force }
    catch { Stop-WithMessage "$Path could not be removed, so a program still uses it. End Lectern, then run this again." }
}

function New-Shortcut {
    $shell = New-Object -ComObject WScript.Shell
    $link = $shell.CreateShortcut($Shortcut)
    $link.TargetPath = Join-Path $Venv 'Scripts\pythonw.exe'
    $link.Arguments = '-P -m desktop'
    $link.WorkingDirectory = $env:USERPROFILE
    $link.IconLocation = Join-Path $Venv 'Lib\site-packages\desktop\resources\icons\lectern.ico'
    $link.Description = 'Reads the selected text aloud'
    $link.Save()
}

function Set-Autostart {
    $command = '"{0}" -P -m desktop --background' -f (Join-Path $Venv 'Scripts\pythonw.exe')
    if (-not (Test-Path $RunKey)) { [void] (New-Item $RunKey) }
    [void] (New-ItemProperty -Path $RunKey -Name 'Lectern' -Value $command -PropertyType String -Force)
    if (Test-Path $ApprovedKey) { Remove-ItemProperty -Path $ApprovedKey -Name 'Lectern' -ErrorAction SilentlyContinue }
}

# The file with every package's version: the checkout's, or the one in the wheel.
function Find-Lock([string] $Whole, [string] $New) {
    if (Test-Path -LiteralPath $Whole -PathType Container) { return Join-Path $Whole 'packaging\constraints.txt' }
    $lock = Join-Path $New 'constraints.txt'
    Add-Type -AssemblyName System.IO.Compression.FileSystem
    $wheel = [IO.Compression.ZipFile]::OpenRead($Whole)
    try {
        $entry = $wheel.GetEntry('desktop/resources/constraints.txt')
        if (-not $entry) { Stop-WithMessage "$Whole does not say which versions of other packages it was made with." }
        [IO.Compression.ZipFileExtensions]::ExtractToFile($entry, $lock, $true)
    }
    finally { $wheel.Dispose() }
    return $lock
}

# `lectern install-pytorch` knows which build suits.
function Install-PyTorch([string] $Uv, [string] $New) {
    $env:LECTERN_UV = $Uv
    $build = if ($Torch) { $Torch } else { 'auto' }
    if ((Invoke-Loudly (Join-Path $New 'Scripts\lectern.exe') @('install-pytorch', '--build', $build)) -eq 0) { return }
    if (Test-Path -LiteralPath $Venv) { Stop-WithMessage 'Lectern is as it was. Run this again.' }
    Write-Host 'Lectern goes on without PyTorch, which S1 Mini needs. To install it later: lectern install-pytorch'
}

function Install-Lectern {
    $isWheel = (Test-Path -LiteralPath $Source -PathType Leaf) -and $Source -like '*.whl'
    if (-not $isWheel -and -not (Test-Path -LiteralPath (Join-Path $Source 'pyproject.toml'))) {
        Stop-WithMessage "$Source is neither a wheel nor a checkout of Lectern."
    }
    $whole = (Resolve-Path -LiteralPath $Source).ProviderPath
    [void] (New-Item -ItemType Directory -Force $Program)
    $uv = Get-Uv
    # Beside the old one, which works until the new one is whole. --relocatable: its programs do not know their folder.
    $new = "$Venv.new"
    Remove-Folder $new
    Invoke-Checked $uv @('venv', '--quiet', '--relocatable', '--python', $Pythons, $new)
    $lock = Find-Lock $whole $new
    Invoke-Checked $uv @('pip', 'install', '--python', (Join-Path $new 'Scripts\python.exe'), '-c', $lock, '--build-constraints', $lock, "${whole}[server]")
    Install-PyTorch $uv $new
    Stop-Lectern
    Remove-Folder $Venv
    Move-Item -LiteralPath $new -Destination $Venv
    New-Shortcut
    if ($Autostart) { Set-Autostart }
    Write-Host "Lectern is installed. Start it from the start menu."
    Write-Host "On the command line: $(Join-Path $Venv 'Scripts\lectern.exe')"
}

function Uninstall-Lectern {
    Stop-Lectern
    if (Test-Path -LiteralPath $Shortcut) { Remove-Item -LiteralPath $Shortcut -Force }
    foreach ($key in $RunKey, $ApprovedKey) {
        if (Test-Path $key) { Remove-ItemProperty -Path $key -Name 'Lectern' -ErrorAction SilentlyContinue }
    }
    Remove-Folder $Program
    if ($Purge) { Remove-Folder $Data }
    elseif (Test-Path -LiteralPath $Data) {
        Write-Host "Voices, weights and settings were kept in $Data. To delete them too: install.ps1 -Uninstall -Purge"
    }
    Write-Host 'Lectern is uninstalled.'
}

if ($Purge -and -not $Uninstall) { Stop-WithMessage '-Purge goes with -Uninstall.' }
if ($env:OS -ne 'Windows_NT') { Stop-WithMessage 'This is for Windows. On Linux and WSL2, run packaging/install.sh.' }
if ($Uninstall) { Uninstall-Lectern } else { Install-Lectern }
