"""The page at `/`: one file, which loads nothing from anywhere."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

from starlette.responses import Response


class Page:
    """Its policy lets the page's own script and style run, by their digests, and speak with this server alone."""

    def __init__(self) -> None:
        text = Path(__file__).with_name("page.html").read_text(encoding="utf-8")
        self._body = text.encode()
        script, style = (_digest(text, tag) for tag in ("script", "style"))
        policy = (
            f"default-src 'none'; script-src {script}; style-src {style}; connect-src 'self'; media-src 'self' blob:; "
            "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
        self._headers = {
            "Content-Security-Policy": policy,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "no-cache",
        }

    def reply(self) -> Response:
        return Response(self._body, headers=self._headers, media_type="text/html; charset=utf-8")


def _digest(text: str, tag: str) -> str:
    (inner,) = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
    return f"'sha256-{base64.b64encode(hashlib.sha256(inner.encode()).digest()).decode()}'"
