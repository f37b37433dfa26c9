"""Samples of backups and keys; see samples.py."""

from datetime import date, datetime

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
_STATE = {
    "running": None,
    "folder": "",
    "folder_there": False,
    "same_disk": None,
    "needed_keys": ["b38b7336"],
}
_ROWS = [
    {
        "file": f"xiangyue-0a1b2c3d-202611{day:02d}-040000.xyb",
        "made_at": datetime(2026, 11, day, 12, 0),  # noqa: DTZ001 - local, as pages get it
        "size": "2.8 MB",
        "checked": day != 20,
        "copied": day < 19,
    }
    for day in (21, 20, 19, 18)
]
_BACKUPS = {
    "rows": _ROWS,
    "warnings": [],
    "failure": "",
    "left_at": datetime(2026, 11, 18, 12, 3),  # noqa: DTZ001
    "form": {"hour": 12, "folder": ""},
    "errors": {},
}
sample("pages/backups.html", state=_STATE, **_BACKUPS)
sample(
    "pages/backups.html",
    "nothing yet",
    state={**_STATE, "folder": "/media/usb"},
    **{
        **_BACKUPS,
        "rows": [],
        "left_at": None,
        "warnings": ["已经三天没有备份了。"],
        "failure": "磁盘已满，什么也没有保存。请清出空间后再试一次。",
        "errors": {"password": "密码不对，没有打印。", "folder": "这个文件夹不在。"},
    },
)
sample(
    "pages/backups.html",
    "running",
    state={
        **_STATE,
        "running": {"done": 12000, "total": 27398},
        "same_disk": True,
        "folder": "/mnt/other",
        "folder_there": True,
    },
    **_BACKUPS,
)
