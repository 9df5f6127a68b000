"""Explains what can go wrong with S1 Mini's files and the way to them."""

from __future__ import annotations

import engine
from desktop.common.errors import NoCheckpointError
from desktop.common.message import Mend

_ANEW = ("Get it again, or choose another folder.", Mend.GET_S1)

AT_PROMPT: dict[tuple[type[Exception], str], tuple[str, str]] = {
    (engine.CheckpointError, "folder_missing"): (
        "There is no checkpoint folder {e.path}.",
        "Check the path, or run: lectern doctor",
    ),
    (engine.CheckpointError, "file_missing"): (
        "The checkpoint folder {e.path} has no {e.name}.",
        "Download it again: {_again}",
    ),
    (engine.CheckpointError, "unreadable"): (
        "The checkpoint file {e.path} is damaged, incomplete or in another format{_detail}.",
        "Download it again: {_again}",
    ),
    (engine.CheckpointError, "unsafe"): (
        "The checkpoint file {e.path} asks to run code ({e.found}), so it was not loaded.",
        "Delete it, then download the model: {_again}",
    ),
    (engine.CheckpointError, "config"): (
        "In {e.path}, {e.name} is {e.found}; {e.expected} was expected.",
        "Use the configuration that came with the weights.",
    ),
    (engine.CheckpointError, "tensor_missing"): (
        "{e.path} has no tensor {e.name}.",
        "Check that its configuration and weights belong together, or download it again: {_again}",
    ),
    (engine.CheckpointError, "tensor_extra"): (
        "{e.path} has a tensor that the model does not have: {e.name}.",
        "Check that its configuration and weights belong together, or download it again: {_again}",
    ),
    (engine.CheckpointError, "tensor_shape"): (
        "In {e.path}, the tensor {e.name} has the shape {e.found}; {e.expected} was expected.",
        "Check that its configuration and weights belong together, or download it again: {_again}",
    ),
    (engine.CheckpointError, "not_finite"): (
        "In {e.path}, the tensor {e.name} holds values that are no numbers, so nothing can be spoken with it.",
        "Download it again: {_again}",
    ),
    (engine.CheckpointError, "tokenizer"): (
        "The checkpoint's tokenizer in {e.path} is not usable{_detail}.",
        "Download it again: {_again}",
    ),
    (engine.CheckpointError, "unfinished"): (
        "The download into {e.path} is not finished.",
        "Go on with it: {_again}",
    ),
    (engine.CheckpointError, "changed"): (
        "The checkpoint file {e.path} is not what was downloaded: {e.found} instead of {e.expected}.",
        "Download it again: {_again}",
    ),
    (engine.HubError, "no_token"): (
        "S1 Mini can be downloaded only by who is logged in to Hugging Face.",
        "Log in: lectern login",
    ),
    (engine.HubError, "bad_token"): (
        "Hugging Face does not know the access token{_whence}.",
        "Make a new one at {_tokens_page}, then log in: lectern login",
    ),
    (engine.HubError, "environment_token"): (
        "Hugging Face does not know the access token in the environment's HF_TOKEN, which hides the saved one.",
        "Take it away (unset HF_TOKEN), or put the right one there.",
    ),
    (engine.HubError, "token_forbids"): (
        "The access token{_whence} has no right to read S1 Mini{_detail}.",
        "Make one of the type “Read” at {_tokens_page}, then log in: lectern login",
    ),
    (engine.HubError, "licence_not_accepted"): (
        "S1 Mini needs its licence accepted on its page.",
        "Accept it at {_model_page}, with the account that is logged in here, then try again.",
    ),
    (engine.HubError, "not_found"): (
        "Hugging Face does not have what was asked for{_detail}.",
        "Check the revision, and HF_ENDPOINT if it is set.",
    ),
    (engine.HubError, "offline"): (
        "Hugging Face is not asked, because HF_HUB_OFFLINE is set.",
        "Take it away (unset HF_HUB_OFFLINE) to download.",
    ),
    (engine.HubError, "network"): (
        "Hugging Face cannot be reached{_detail}.",
        "Check the network connection; what is downloaded by then is kept.",
    ),
    (engine.HubError, "proxy"): (
        "The proxy lets nothing through to Hugging Face{_detail}.",
        "Check the environment's HTTPS_PROXY and NO_PROXY, or ask who runs the network.",
    ),
    (engine.HubError, "proxy_kind"): (
        "The proxy{_detail} is of a kind that Lectern cannot use.",
        "Use an HTTP or a SOCKS 5 proxy (HTTPS_PROXY, ALL_PROXY), or name the Hub's computer in NO_PROXY.",
    ),
    (engine.HubError, "login_page"): (
        "Another page comes instead of Hugging Face{_detail}: most likely this network wants you to log in.",
        "Open any page in your browser and log in there; what is downloaded by then is kept.",
    ),
    (engine.HubError, "wrong_answer"): (
        "Something on the way to Hugging Face answers with other bytes than were asked for{_detail}.",
        "Try again later, on another network or without its proxy; what is downloaded by then is kept.",
    ),
    (engine.HubError, "rate_limited"): (
        "Hugging Face takes no more requests for a while.",
        "Try again {_later}; what is downloaded by then is kept.",
    ),
    (engine.HubError, "server"): (
        "Hugging Face does not answer as it should{_detail}.",
        "Try again later; what is downloaded by then is kept.",
    ),
    (engine.HubError, "stalled"): (
        "The download has stalled: nothing comes any more.",
        "Check the network connection; what is downloaded by then is kept.",
    ),
    (engine.HubError, "corrupt"): (
        "The file {e.detail} came damaged, twice.",
        "Try again later, or on another network; what was downloaded before is kept.",
    ),
    (engine.HubError, "changed"): (
        "Hugging Face gives another file {e.detail} than it promises.",
        "Try again later; what else is downloaded by then is kept.",
    ),
    (engine.HubError, "busy"): (
        "Another download into {e.detail} is going on.",
        "Wait for it, or stop it.",
    ),
    (engine.HubError, "login_denied"): (
        "The login was refused in the browser.",
        "Log in again, and allow it there.",
    ),
    (engine.HubError, "login_expired"): (
        "The code was not typed in time.",
        "Log in again for a new one.",
    ),
    (NoCheckpointError, ""): (
        "S1 Mini is not on this computer.",
        "{_download}, or pass its folder with --checkpoint.",
    ),
}

IN_A_WINDOW: dict[tuple[type[Exception], str], tuple[str, Mend]] = {
    (engine.CheckpointError, "folder_missing"): ("Get S1 Mini, or choose another folder.", Mend.GET_S1),
    (engine.CheckpointError, "unsafe"): ("Delete it, then get S1 Mini again.", Mend.GET_S1),
    (engine.CheckpointError, "unfinished"): ("Go on with it.", Mend.GET_S1),
    **{
        (engine.CheckpointError, problem): _ANEW
        for problem in (
            *("file_missing", "unreadable", "config", "tensor_missing", "tensor_extra", "tensor_shape"),
            *("tokenizer", "changed", "not_finite"),
        )
    },
    (engine.HubError, "no_token"): ("Log in first.", Mend.ENTER_TOKEN),
    (engine.HubError, "bad_token"): ("Make a new one, then log in with it.", Mend.ENTER_TOKEN),
    (engine.HubError, "token_forbids"): ("Make one of the type “Read”, then log in with it.", Mend.ENTER_TOKEN),
    (engine.HubError, "environment_token"): (
        "Use the saved one, or start Lectern with the right one there.",
        Mend.USE_SAVED_TOKEN,
    ),
    (engine.HubError, "offline"): ("Start Lectern without it to download.", Mend.TRY_AGAIN),
    (NoCheckpointError, ""): ("Get it, or choose the folder that has it.", Mend.GET_S1),
}
