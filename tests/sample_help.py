"""Samples of the help pages, drawn from the help texts themselves; see samples.py."""

from datetime import date

from samples import sample

from api import help as help_

_ON = date(2026, 10, 31)

for _who in ("reader", "nobody"):
    _shell = {"who": None} if _who == "nobody" else {}
    sample("pages/help.html", _who, groups=help_.groups(), **_shell)
for _key in help_.names():
    _topic = help_.topic(_key)
    assert _topic
    sample(
        "pages/help_topic.html",
        _key,
        topic=_topic,
        laws=help_.laws_behind(_topic, on=_ON),
        see=[_also for _name in _topic.see if (_also := help_.topic(_name))],
        **({"who": None} if _key in ("posted", "passbook") else {}),
    )
