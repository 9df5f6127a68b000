from .disk import move, once_let_go, read_whole, readable_name, set_aside, write_whole
from .json_files import build_from_json, json_bytes, parse_object

__all__ = [
    "build_from_json",
    "json_bytes",
    "move",
    "once_let_go",
    "parse_object",
    "read_whole",
    "readable_name",
    "set_aside",
    "write_whole",
]
