"""What a session is called in its owner's list: what the app says, or a short reading of `User-Agent`."""

LONGEST = 100

_BROWSERS = {
    "Edg": "Edge",
    "OPR/": "Opera",
    "SamsungBrowser/": "Samsung Internet",
    "Firefox/": "Firefox",
    "FxiOS/": "Firefox",
    "CriOS/": "Chrome",
    "Chrome/": "Chrome",
    "Safari/": "Safari",
}
"""Most browsers name those they resemble too: the first that fits is meant."""

_SYSTEMS = {
    "CrOS": "ChromeOS",
    "iPad": "iPad",
    "iPhone": "iPhone",
    "Android": "Android",
    "Windows": "Windows",
    "Mac OS X": "macOS",
    "Linux": "Linux",
}

UNKNOWN = "Unknown device"


def device_name(given: str | None, user_agent: str | None) -> str:
    """Return what the app called the device, or what its headers say.

    >>> device_name("Ada's tablet", None), device_name(None, "Mozilla/5.0 (X11; CrOS x86_64) Chrome/140.0")
    ("Ada's tablet", 'Chrome on ChromeOS')
    >>> device_name(None, "curl/8.5.0"), device_name(None, None)
    ('curl', 'Unknown device')
    """
    if given:
        return given[:LONGEST]
    words = user_agent or ""
    browser = _first(_BROWSERS, words)
    system = _first(_SYSTEMS, words)
    if browser is None:
        return _printable(words.partition("/")[0]) or UNKNOWN
    return browser if system is None else f"{browser} on {system}"


def _first(names: dict[str, str], words: str) -> str | None:
    return next((name for mark, name in names.items() if mark in words), None)


def _printable(words: str) -> str:
    return "".join(each for each in words if each.isprintable())[:LONGEST].strip()
