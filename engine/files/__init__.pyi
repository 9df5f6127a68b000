from .disk import move, readable_name, set_aside, write_whole
from .json_files import build_from_json, json_bytes, parse_object

__all__ = [
    "build_from_json",
    "json_bytes",
    "move",
    "parse_object",
    "readable_name",
    "set_aside",
    "write_whole",
]
