"""Pages of their own: nothing is fetched, no script can run, and they print well."""

from __future__ import annotations

from html import escape

from engine.spacing import HARD_SPACE
from tutor.console import clean

STYLE = """
/* colours, and those of a dark screen; paper is white */
:root { --ink: #111; --paper: #fff; --quiet: #555; --line: #999; --faint: #ddd; --link: #1d4f7c;
        --mark: #2c5f8a; --right: #06582f; --wrong: #9b1c1c; --partly: #7a4b00;
        color-scheme: light dark }
@media screen and (prefers-color-scheme: dark) { :root {
        --ink: #ddd; --paper: #161616; --quiet: #a8a8a8; --line: #777; --faint: #3c3c3c;
        --link: #8ab4e8; --mark: #6fa3d6; --right: #6cc497; --wrong: #f08c8c; --partly: #e0b060 } }
body { font: 16px/1.5 Georgia, serif; color: var(--ink); background: var(--paper); max-width: 46em;
       margin: 2em auto; padding: 0 1em; overflow-wrap: anywhere }
h1 { font-size: 1.5em; margin-bottom: 0 } h2 { font-size: 1.2em; margin-top: 2em }
h3 { font-size: 1em; margin: 1.8em 0 .4em } .quiet { color: var(--quiet); font-size: .9em }
table { border-collapse: collapse; margin: .6em 0 }
td, th { border: 1px solid var(--line); padding: .25em .6em; text-align: left; vertical-align: top }
pre { font: 14px/1.35 ui-monospace, monospace; white-space: pre-wrap; margin: .4em 0 .4em 1.5em }
@media print { body { margin: 0; font-size: 11pt } h3 { break-after: avoid } }
"""
DOCTYPE = "<!doctype html>"
POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""What a browser may do with a page: draw it, and nothing else."""


def document(title: str, body: str, style: str) -> str:
    """A whole page. ``title`` is text; ``body`` and ``style`` are HTML and CSS."""
    return (
        f"{DOCTYPE}\n<html lang=en><head><meta charset=utf-8>"
        f'<meta http-equiv=Content-Security-Policy content="{POLICY}">'
        "<meta name=viewport content='width=device-width'>"
        f"<title>{safe(title)}</title><style>{STYLE}{style}</style></head>\n<body>\n"
        f"{body}\n</body></html>\n"
    )


def safe(text: str) -> str:
    """Any text as HTML that shows it, control characters replaced, hard spaces kept."""
    return escape(clean(text)).replace(HARD_SPACE, "&nbsp;")
