"""One true-looking context for every template, with invented people only.

A sample holds exactly what the comment at the head of its template promises; the test renders each
under strict rules, so a template that asks for more than it documents is found here.
"""

from typing import Any

Context = dict[str, Any]

ROOMS = ["home", "scores", "leaderboard", "households", "rules", "regions", "officials",
         "settings", "audit"]

SHELL: Context = {
    "demo": False,
    "lang": "zh-CN",
    "who": {"name": "王秋实", "login": "wangqs", "role_name": "村文书", "region_name": "槐庄村",
            "rooms": ROOMS},
    "flash": None,
    "csrf_input": '<input type="hidden" name="_csrf_token" value="sample">',
}

# (template, variant, context); the shell's variables are added to each.
SAMPLES: list[tuple[str, str, Context]] = []


def sample(template: str, variant: str = "", **context: Any) -> None:
    """Add one sample; `variant` tells apart several of one template."""
    SAMPLES.append((template, variant, {**SHELL, **context}))


sample("pages/login.html", form={}, errors={}, problem=None, next="")
sample("pages/login.html", "refused", form={"login": "wangqs"}, errors={}, demo=True,
       problem="用户名或密码不对。再错 3 次要等 1 分钟。", next="/scores")
sample("pages/error.html", status=404, title="没有这个页面", who=None,
       detail="这个地址在槐庄村的账里找不到，可能已经搬走，也可能不归您看。",
       steps=["核对一下网址", "从菜单重新进入"], back=None, number=None)
