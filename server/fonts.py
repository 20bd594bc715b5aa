"""Chinese type for PDFs: a system font cut down to the characters that are printed, embedded in the file."""

from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

FONTS: tuple[tuple[str, int], ...] = (
    ("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc", 2),
    ("/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc", 2),
    ("/usr/share/fonts/opentype/noto-cjk/NotoSansCJK-Regular.ttc", 2),
    ("/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc", 0),
    ("/usr/share/fonts/truetype/arphic/uming.ttc", 0),
    ("/System/Library/Fonts/PingFang.ttc", 2),
)


class FontMissing(Exception):
    """No Chinese font is installed."""


def small_font(folder: Path, characters: str) -> Path:
    """Cut a system font down to the characters that are needed, into a folder. Raises `FontMissing`."""
    found = next(((path, number) for path, number in FONTS if Path(path).is_file()), None)
    if found is None:
        raise FontMissing("apt-get install fonts-noto-cjk")
    font = TTFont(found[0], fontNumber=found[1], lazy=True, recalcBBoxes=False)
    subsetter = Subsetter(Options(layout_features=[], notdef_outline=True, hinting=False))
    subsetter.populate(text=characters)
    subsetter.subset(font)
    target = folder / "cjk.otf"
    font.save(target)
    font.close()
    return target
