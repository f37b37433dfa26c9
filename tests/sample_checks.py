"""Samples of the ledger's check; see samples.py."""

from sample_village import AT, UUID, VILLAGE, VILLAGES
from samples import Context, sample

from points.verification import Fault

_CHECK: Context = {
    "id": UUID,
    "village": VILLAGE["code"],
    "begun_at": AT,
    "done": 18204,
    "total": 18204,
    "state": "sound",
    "faults": [],
}
_PLACE: Context = {"villages": VILLAGES, "village": VILLAGE["code"], "name": VILLAGE["name"]}

sample("pages/ledger_check.html", check=None, **_PLACE)
sample(
    "pages/ledger_check.html",
    "running",
    check={**_CHECK, "state": "running", "done": 7000},
    **_PLACE,
)
sample("pages/ledger_check.html", "sound", check=_CHECK, **_PLACE)
sample(
    "pages/ledger_check.html",
    "faulty",
    check={
        **_CHECK,
        "state": "faulty",
        "faults": [Fault(VILLAGE["code"], 4711, "the hash does not cover the entry")],
    },
    **_PLACE,
)
sample("pages/ledger_check.html", "failed", check={**_CHECK, "state": "failed"}, **_PLACE)
