from .download import download_checkpoint, unfinished_download
from .find import CHECKPOINT_FILES, CODEC_FILES, download_folder, find_checkpoint, missing_files, usual_folders
from .hub import check_licence, hub_account
from .login import log_in, log_in_with_browser, log_out
from .tokens import saved_token_text, token_source
from .values import BrowserLogin, DownloadLimits, DownloadProgress, DownloadStage, HubAccount, TokenSource
from .verify import discard_download, remove_checkpoint, verify_checkpoint

__all__ = [
    "CHECKPOINT_FILES",
    "CODEC_FILES",
    "BrowserLogin",
    "DownloadLimits",
    "DownloadProgress",
    "DownloadStage",
    "HubAccount",
    "TokenSource",
    "check_licence",
    "discard_download",
    "download_checkpoint",
    "download_folder",
    "find_checkpoint",
    "hub_account",
    "log_in",
    "log_in_with_browser",
    "log_out",
    "missing_files",
    "remove_checkpoint",
    "saved_token_text",
    "token_source",
    "unfinished_download",
    "usual_folders",
    "verify_checkpoint",
]
