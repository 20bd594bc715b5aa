"""Numbers as Mandarin says them."""

_DIGITS = "零一二三四五六七八九"
_UNITS = ("", "十", "百", "千")
_GROUPS = ("", "万", "亿", "万亿")
# Said instead of 一 where digits are read one by one (telephone and policy numbers), so that it is not heard as 七.
_READ = {
    "0": "ling2",
    "1": "yao1",
    "2": "er4",
    "3": "san1",
    "4": "si4",
    "5": "wu3",
    "6": "liu4",
    "7": "qi1",
    "8": "ba1",
    "9": "jiu3",
}


def cardinal(digits: str, *, liang: bool = False) -> str:
    """A whole or decimal number (commas allowed) as a quantity: 20,000.5 → 两万点五.

    Args:
        digits: ASCII digits, `,` and at most one `.`.
        liang: whether a lone 2 is 两 (before a measure word).
    """
    whole, _, fraction = digits.replace(",", "").partition(".")
    text = _whole(int(whole or "0"))
    if liang and text == "二" and not fraction:
        text = "两"
    if fraction.rstrip("0"):
        text += "点" + "".join(_DIGITS[int(d)] for d in fraction.rstrip("0"))
    return text


def _whole(number: int) -> str:
    if number == 0:
        return "零"
    if number >= 10**16:
        return "".join(_DIGITS[int(d)] for d in str(number))
    groups: list[int] = []
    while number:
        number, rest = divmod(number, 10_000)
        groups.append(rest)
    text = ""
    needs_zero = False
    for place in range(len(groups) - 1, -1, -1):
        group = groups[place]
        if group == 0:
            needs_zero = bool(text)
            continue
        if text and (needs_zero or group < 1000):
            text += "零"
        needs_zero = False
        part = _group(group, is_first=not text)
        if part == "二" and place > 0:
            part = "两"
        text += part + _GROUPS[place]
    return text


def _group(group: int, *, is_first: bool) -> str:
    text = ""
    zero = False
    for power in (3, 2, 1, 0):
        digit = group // 10**power % 10
        if digit == 0:
            zero = bool(text)
            continue
        if zero:
            text += "零"
            zero = False
        if digit == 1 and power == 1 and is_first and not text:
            text += "十"
        elif digit == 2 and power == 3:
            text += "两千"
        else:
            text += _DIGITS[digit] + _UNITS[power]
    return text


def one_by_one(digits: str, *, yao: bool = True) -> str:
    """Toned pinyin of digits read singly; `yao` says 幺 for 1, as in telephone numbers (years say 一)."""
    return " ".join("yi1" if digit == "1" and not yao else _READ[digit] for digit in digits if digit.isdigit())


def money(digits: str) -> str:
    """Yuan with jiao and fen: 20,000.00 → 两万元, 1.05 → 一元零五分, 0.50 → 五角."""
    whole, _, fraction = digits.replace(",", "").partition(".")
    if len(fraction) > 2 and fraction[2:].strip("0"):
        return cardinal(digits) + "元"
    jiao, fen = int((fraction + "00")[0]), int((fraction + "00")[1])
    yuan = int(whole or "0")
    text = f"{cardinal(whole, liang=True)}元" if yuan or not (jiao or fen) else ""
    if jiao:
        text += f"{_DIGITS[jiao]}角"
    elif fen and yuan:
        text += "零"
    if fen:
        text += f"{_DIGITS[fen]}分"
    return text
