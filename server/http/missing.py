"""The page at an address that does not exist: for people who mistyped one, or whose link was cut off."""

from aiohttp import web

_PAGE = """<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>没有这个页面 · 远程双录</title>
<style>
body { margin: 0; padding: 12vh 24px 24px; background: #f5f7fa; color: #1f2937; font: 18px/1.7 system-ui, sans-serif; }
main { max-width: 34em; margin: 0 auto; padding: 32px; border: 1px solid #d9dee6; border-radius: 12px; background: #fff; }
h1 { margin: 0 0 12px; font-size: 26px; }
p { margin: 0 0 16px; }
a { color: #1d4ed8; }
</style>
</head>
<body>
<main>
<h1>没有这个页面</h1>
<p>这个网址打不开，可能输入有误，或者链接没有复制完整。</p>
<p>您是客户：请重新点开短信里的链接，或者 <a href="/m/">打开客户页面</a> 输入会话码。不清楚时，请联系为您办理的业务员。</p>
<p>您是工作人员：<a href="/desk/">打开工作台</a>。</p>
</main>
</body>
</html>
"""


def wants_page(accept: str) -> bool:
    """Whether who asks is a browser showing a page, and not a program."""
    return "text/html" in accept.lower()


def missing_page() -> web.Response:
    """The page, with 404."""
    return web.Response(status=404, text=_PAGE, content_type="text/html", charset="utf-8", headers={"Vary": "Accept"})
