# What Wine is told, wherever it is used here. Sourced.
# ucrtbase: ours (patch_ucrtbase.py); mscoree, mshtml: Wine would ask for a download; winedbg: a crash shall end;
# winemenubuilder: Wine's programs would be in the menus of whoever runs this.
readonly OVERRIDES='mscoree,mshtml,winedbg.exe,winemenubuilder.exe=d'
export WINEDEBUG=-all WINEARCH=win64 WINEDLLOVERRIDES="ucrtbase=n;$OVERRIDES" LANG=C.UTF-8
