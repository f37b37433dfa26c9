"""What a browser calls itself, in words that its owner recognises."""

from api import locale
from foundation.marking import mark as _n

# The first that occurs names the thing: most browsers also claim to be their ancestors.
_SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"),
    ("Android", _n("安卓手机")),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)
_BROWSERS = (
    ("MicroMessenger", _n("微信")),
    ("Edg", "Edge"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
    ("python", _n("程序")),
    ("curl", _n("程序")),
)


def name(user_agent: str) -> str:
    """Such as "Windows · Edge"; of what nobody knows only that it is a device."""
    found = [
        next((locale.text(word) for mark, word in known if mark in user_agent), "")
        for known in (_SYSTEMS, _BROWSERS)
    ]
    return " · ".join(word for word in found if word) or locale.text(_n("一台设备"))
