"""Looks at customer pages as axe-core and a person with large text do: findings, sideways scrolling, cut texts."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.async_api import Page

from server.settings import ROOT
from tests.e2e.pages import settled

AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
_RUN = """async () => {
  const found = await axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'] });
  return found.violations.map((v) => ({
    id: v.id, impact: v.impact, nodes: v.nodes.map((n) => n.target.join(' ') + ': ' + n.failureSummary.slice(0, 300)),
  }));
}"""
_WIDE = """() => {
  const found = [];
  const page = document.scrollingElement;
  if (page.scrollWidth > window.innerWidth + 1) {
    found.push('the page is ' + page.scrollWidth + ' wide');
    for (const element of document.body.querySelectorAll('*')) {
      const box = element.getBoundingClientRect();
      if (box.right > window.innerWidth + 1 && box.width && !element.children.length) {
        found.push('sticks out: ' + element.outerHTML.slice(0, 160));
      }
    }
  }
  for (const element of document.body.querySelectorAll('button, h1, h2, p, label, li, dd, span')) {
    const style = getComputedStyle(element);
    if (!['hidden', 'clip'].includes(style.overflowX) || element.classList.contains('dr-sr-only')) continue;
    if (element.scrollWidth > element.clientWidth + 1 || element.scrollHeight > element.clientHeight + 2) {
      if (element.textContent.trim()) found.push('cut off: ' + element.outerHTML.slice(0, 160));
    }
  }
  return found.slice(0, 8);
}"""


@dataclass(slots=True)
class Looks:
    """Visits each page once by name, at normal and at 200 % text; `findings` collects what is wrong.

    `folder` (default: `DR_SCREENS`) takes screenshots.
    """

    folder: Path | None = field(default_factory=lambda: Path(p) if (p := os.environ.get("DR_SCREENS")) else None)
    findings: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    async def __call__(self, page: Page, name: str) -> None:
        """Look at a page."""
        if name in self.seen:
            return
        self.seen.add(name)
        await self.picture(page, name)
        if not await page.evaluate("() => 'axe' in window"):
            await page.evaluate(AXE.read_text(encoding="utf-8"))
        await self._axe(page, name)
        style = await page.evaluate_handle(
            "() => { const s = new CSSStyleSheet(); s.replaceSync('html.phone.phone { font-size: 36px !important }');"
            " document.adoptedStyleSheets = [...document.adoptedStyleSheets, s]; return s }"
        )
        try:
            await self._axe(page, f"{name} at 200 %")
            self.findings += [f"{name} at 200 %: {text}" for text in await page.evaluate(_WIDE)]
            if self.folder is not None and os.environ.get("DR_SCREENS_LARGE"):
                await page.screenshot(path=str(self.folder / f"{name}-200.png"), scale="css")
        finally:
            await page.evaluate(
                "s => { document.adoptedStyleSheets = document.adoptedStyleSheets.filter((x) => x !== s) }", style
            )

    async def picture(self, page: Page, name: str) -> None:
        """Take the picture alone."""
        if self.folder is not None:
            self.folder.mkdir(parents=True, exist_ok=True)
            await page.screenshot(path=str(self.folder / f"{name}.png"), scale="css")

    async def _axe(self, page: Page, name: str) -> None:
        await settled(page)
        found: list[dict[str, Any]] = await page.evaluate(_RUN)
        self.findings += [f"{name}: {v['id']} ({v['impact']}): {node}" for v in found for node in v["nodes"]]
