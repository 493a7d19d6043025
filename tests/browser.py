"""Pages in a real headless Chromium: what they measure, and how they print."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Sequence
from html import escape, unescape
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
needed = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine")
PATIENCE = 60
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --hide-scrollbars"
    " --disable-background-networking --disable-component-update --disable-sync"
).split()
# What the browser asks for by itself leads nowhere, and isn't counted.
FLAGS.append("--host-resolver-rules=MAP * ~NOTFOUND")
OWN = re.compile(r"https?://([\w-]+\.)*google(apis)?\.com/")
POLICY = re.compile("<meta http-equiv=Content-Security-Policy[^>]*>")
# Everything folded away is opened first, so that it is measured too.
SCRIPT = """
<script>
for (const rule of DARK ? document.styleSheets[0].cssRules : [])
  if (rule.media?.mediaText.includes('dark')) rule.media.mediaText = 'screen';
document.querySelectorAll('details').forEach(one => one.open = true);
const box = one => { const r = one.getBoundingClientRect(); return [r.left, r.top, r.right, r.bottom] };
const all = [...document.body.querySelectorAll('*')];
const light = c => { c = c / 255; return c <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4 };
const lightness = colour => {
  const [r, g, b] = colour.match(/[0-9.]+/g).map(Number);
  return .2126 * light(r) + .7152 * light(g) + .0722 * light(b) + .05;
};
const paper = lightness(getComputedStyle(document.body).backgroundColor);
const contrast = one => {
  const style = getComputedStyle(one), drawn = one.namespaceURI.endsWith('svg');
  const ink = lightness(drawn ? style.fill : style.color);
  return Math.max(ink, paper) / Math.min(ink, paper);
};
const written = all.filter(one => [...one.childNodes].some(n => n.nodeType == 3 && n.data.trim())
  && !['SCRIPT', 'title', 'desc'].includes(one.tagName));
const told = {
  width: innerWidth, page: document.documentElement.scrollWidth,
  beyond: all.filter(one => box(one)[2] > innerWidth + 1).map(one => one.outerHTML.slice(0, 200)),
  plots: [...document.querySelectorAll('svg.plot')].map(plot => ({
    box: box(plot), named: plot.querySelector('title').textContent,
    told: plot.querySelector('desc').textContent,
    dots: [...plot.querySelectorAll('circle')].map(box),
    bars: [...plot.querySelectorAll('rect.full')].map(box),
    labels: [...plot.querySelectorAll('text')].map(one => [one.textContent, ...box(one)]),
  })),
  bars: [...document.querySelectorAll('td > svg.bar')].filter(one => box(one)[2] > 0).map(one => [
    one.parentNode.previousElementSibling.textContent,
    box(one.children[1])[2] - box(one.children[1])[0], box(one)[2] - box(one)[0],
  ]),
  dark: paper < .5, contrast: Math.min(...written.map(contrast)),
  resources: performance.getEntriesByType('resource').map(one => one.name),
  scripts: document.scripts.length, pwned: typeof window.pwned,
  cells: [...document.querySelectorAll('tbody :is(td, th):not(.figure)')].filter(one => one.innerText.trim())
    .map(one => [one.innerText, box(one)[2] - box(one)[0]]),
  strangers: document.querySelectorAll('img, iframe, object, embed, link, base, form, video, [onload], [onerror]').length,
};
const kept = document.createElement('pre');
kept.className = 'measured'; kept.textContent = JSON.stringify(told);
parent.document.body.append(kept);
</script>
"""  # noqa: E501


def measured(
    page: str, folder: Path, widths: Sequence[int], dark: int
) -> dict[int, dict[str, Any]]:
    """What the script above measures of a page at widths; the page's own policy is left out.

    At the width ``dark`` the colours are those of a dark screen. The page stands in frames, since
    no window is narrower than 500.
    """
    body, end, rest = POLICY.sub("", page).rpartition("</body>")
    assert end
    scripts = [SCRIPT.replace("DARK", str(width == dark).lower()) for width in widths]
    pages = [body + script + end + rest for script in scripts]
    done = _chromium(folder, "--dump-dom", _framed(pages, folder, widths).as_uri())
    found = re.findall('<pre class="measured">(.*?)</pre>', done, re.DOTALL)
    assert len(found) == len(widths), done[-2_000:]
    told = [json.loads(unescape(one)) for one in found]
    return {one["width"]: one for one in told}


def _framed(pages: Sequence[str], folder: Path, widths: Sequence[int]) -> Path:
    """A page that holds others, each in a frame of a width."""
    frames = "".join(
        f"<iframe style='border: 0; height: 900px; width: {width}px' srcdoc=\"{escape(page)}\">"
        "</iframe>"
        for page, width in zip(pages, widths, strict=True)
    )
    file = folder / "frames.html"
    file.write_text(f"<!doctype html><meta charset=utf-8><body>{frames}", encoding="utf-8")
    return file


def printed_pages(page: str, folder: Path) -> int:
    """How many pages of paper a page takes."""
    file, pdf = folder / "printed.html", folder / "printed.pdf"
    file.write_text(page, encoding="utf-8")
    _chromium(folder, "--no-pdf-header-footer", f"--print-to-pdf={pdf}", file.as_uri())
    return len(re.findall(rb"/Type\s*/Page\b", pdf.read_bytes()))


def requested(pages: Sequence[str], folder: Path) -> set[str]:
    """Every address but its own that pages made the browser ask for, by the browser's log."""
    file, log = _framed(pages, folder, [600] * len(pages)), folder / "asked.json"
    _chromium(folder, f"--log-net-log={log}", "--dump-dom", file.as_uri())
    asked = set(re.findall(r'"url":"(\w+://[^"]*)"', log.read_text(encoding="utf-8")))
    return {url for url in asked if not OWN.match(url) and url != file.as_uri()}


def _chromium(folder: Path, *arguments: str) -> str:
    assert CHROMIUM is not None
    done = subprocess.run(
        [CHROMIUM, *FLAGS, f"--user-data-dir={folder / 'profile'}", *arguments],
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode(errors="replace")[-2_000:]
    return done.stdout.decode("utf-8")
