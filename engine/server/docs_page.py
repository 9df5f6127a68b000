"""The page at `/docs`: the description of all paths, for people. It loads nothing from anywhere, and runs no script."""

from __future__ import annotations

import json
from collections.abc import Iterator
from html import escape
from typing import Any

from starlette.responses import Response

Schema = dict[str, Any]

_STYLE = """
:root { color-scheme: light dark; --accent: light-dark(#1a5fb4, #78aeed); --line: light-dark(#c9c9c9, #4a4a4a);
  --soft: light-dark(#f4f4f4, #2a2a2a); }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 24px 16px 64px; }
h1 { font-size: 1.6rem; margin: 0; } h2 { font-size: 1.1rem; margin: 32px 0 4px; }
a { color: var(--accent); } p { margin: 4px 0 12px; } nav { columns: 2 20rem; margin: 16px 0; }
code, pre { font: 0.9em/1.5 ui-monospace, monospace; } pre { background: var(--soft); padding: 12px; overflow-x: auto;
  border-radius: 6px; margin: 8px 0; white-space: pre-wrap; overflow-wrap: anywhere; }
.method { color: var(--accent); font-weight: 600; } .scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; vertical-align: top;
  padding: 6px 12px 6px 0; border-bottom: 1px solid var(--line); }
th { font-weight: 600; } td:first-child { white-space: nowrap; }
"""
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


def docs_reply(description: Schema) -> Response:
    """Make the reply that shows `description`, an OpenAPI document."""
    return Response("".join(_page(description)), headers=_HEADERS, media_type="text/html; charset=utf-8")


def _page(description: Schema) -> Iterator[str]:
    operations = [
        (method.upper(), path, operation)
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
    ]
    info = description["info"]
    yield '<!doctype html>\n<html lang="en"><meta charset="utf-8">'
    yield f"<title>{escape(info['title'])}: its HTTP interface</title>"
    yield f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style>\n<main>'
    yield f"<h1>{escape(info['title'])} {escape(info['version'])}: its HTTP interface</h1>"
    yield '<p>For programs: <a href="openapi.json">openapi.json</a>. To try a voice: <a href="./">the page</a>.'
    if "security" in description:
        yield " Requests need <code>Authorization: Bearer KEY</code>."
    yield "</p>\n<nav>"
    for method, path, operation in operations:
        yield f'<a href="#{operation["operationId"]}"><code>{method} {escape(path)}</code></a><br>'
    yield "</nav>"
    for method, path, operation in operations:
        yield from _operation(method, path, operation)
    yield "</main></html>\n"


def _operation(method: str, path: str, operation: Schema) -> Iterator[str]:
    heading = f'<code><span class="method">{method}</span> {escape(path)}</code>'
    yield f'\n<h2 id="{operation["operationId"]}">{heading}</h2><p>{escape(operation["summary"])}</p>'
    content: Schema = operation.get("requestBody", {}).get("content", {})
    if content:
        schema = next(iter(content.values()))["schema"]
        yield f"<p>Takes {_listed(content)}:</p>"
        yield '<div class="scroll"><table><tr><th>Field<th>What<th>Else</tr>'
        for name, field in schema["properties"].items():
            is_required = name in schema.get("required", ())
            yield f"<tr><td><code>{escape(name)}</code>{' (needed)' if is_required else ''}<td>{_words(field)}"
            yield f"<td>{_usual(field)}</tr>"
        yield "</table></div>"
        if "application/json" in content:
            yield f"<pre>{escape(_example(method, path, schema))}</pre>"
    yield f"<p>Answers {_listed(operation['responses']['200']['content'])}.</p>"


def _listed(content: Schema) -> str:
    return " or ".join(f"<code>{escape(kind)}</code>" for kind in content)


def _kinds(schema: Schema) -> list[Schema]:
    """The schemas that `schema` allows, without null and without numbers and flags that are written as text."""
    kinds = [
        kind for part in schema.get("anyOf", [schema]) for kind in ([part] if "anyOf" not in part else _kinds(part))
    ]
    kinds = [kind for kind in kinds if kind.get("type") != "null"]
    first = kinds[0]
    is_number = first.get("type") in ("integer", "number") or "enum" in first
    return [first] if is_number and len(kinds) > 1 else kinds


def _words(schema: Schema) -> str:
    words = ", or ".join(_kind(kind) for kind in _kinds(schema))
    described = [part for part in (schema, *schema.get("anyOf", ())) if "description" in part]
    return words + "".join(f"<br>{escape(part['description'])}" for part in described[:1])


def _kind(schema: Schema) -> str:
    if not schema.keys() - {"description"}:
        return "anything"
    if "enum" in schema:
        values = dict.fromkeys(json.dumps(value) for value in schema["enum"] if value not in (0, 1) or value is True)
        if True in schema["enum"]:
            values = {"true": None, "false": None}
        return " | ".join(f"<code>{escape(value)}</code>" for value in values)
    kind = str(schema.get("type", "anything"))
    if kind == "object":
        inner = ", ".join(f"<code>{escape(name)}</code>" for name in schema.get("properties", {}))
        return f"object with {inner}"
    if kind == "array" and "items" in schema:
        return f"list of {_kind(schema['items'])}"
    if "minimum" in schema:
        return f"{kind}, {schema['minimum']} to {schema['maximum']}"
    if schema.get("contentEncoding"):
        return f"{schema['contentEncoding']} text"
    return "text" if kind == "string" else kind


def _usual(schema: Schema) -> str:
    parts = (schema, *schema.get("anyOf", ()))
    usual = next((part["default"] for part in parts if "default" in part), None)
    length = next((part["maxLength"] for part in parts if "maxLength" in part), None)
    words = [] if usual is None else [f"else <code>{escape(json.dumps(usual))}</code>"]
    words += [] if length is None else [f"{length:,} characters at most"]
    return ", ".join(words)


def _example(method: str, path: str, schema: Schema) -> str:
    samples = {"text": "Testing one two three.", "input": "Testing one two three.", "tokens": [[[0]]]}
    body = {name: samples.get(name, "NAME") for name in schema.get("required", ())}
    sound = " --output out.sound" if path in ("/v1/tts", "/v1/audio/speech") else ""
    return f"curl -X {method} http://ADDRESS{path} -H 'Content-Type: application/json' -d '{json.dumps(body)}'{sound}"
