"""Samples of backups and keys; see samples.py."""

from datetime import date

from samples import sample

from api import qr

CODE = ["06Z27 XQV3A AV5J7 TTA53 NH", "PWKAM HDNAN FMBBE E4AY9 FG", "WN65E YHHWG 6H8 YF"]
_KEY = {"id": "b38b7336", "lines": CODE, "qr": qr.data_address("".join(CODE).replace(" ", ""))}
_SHEET = {
    "places": ["彭公镇"],
    "more": False,
    "secrets": [_KEY],
    "folder": "/opt/xiangyue/var/village/backups",
    "printed_on": date(2026, 11, 2),
}
sample("print/recovery_sheet.html", sheet=_SHEET)
sample(
    "print/recovery_sheet.html",
    "old key too",
    demo=True,
    sheet={**_SHEET, "more": True, "secrets": [_KEY, {**_KEY, "id": "30ee127e"}]},
)
