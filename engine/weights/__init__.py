"""The weights of S1 Mini: found on this computer, or downloaded from the Hub.

Importing it, and finding, loads nothing of the Hub's library: that is brought in by what talks to the Hub.
"""

from engine.weights.find import (
    CHECKPOINT_FILES,
    CODEC_FILES,
    download_folder,
    find_checkpoint,
    missing_files,
    usual_folders,
)
from engine.weights.values import (
    BrowserLogin,
    DownloadLimits,
    DownloadProgress,
    DownloadStage,
    HubAccount,
    TokenSource,
)

__all__ = [
    "CHECKPOINT_FILES",
    "CODEC_FILES",
    "BrowserLogin",
    "DownloadLimits",
    "DownloadProgress",
    "DownloadStage",
    "HubAccount",
    "TokenSource",
    "download_folder",
    "find_checkpoint",
    "missing_files",
    "usual_folders",
]
