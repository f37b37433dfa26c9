"""How to use each screen, and the rule behind it: open to everybody, as it holds no data."""

from litestar import Controller, Request, Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from api import guards, help, render
from foundation import clock


class HelpPages(Controller):
    """The help texts, all of them and one by one."""

    path = "/help"
    opt = guards.PUBLIC

    @get("/")
    async def index(self, request: Request) -> Response:
        """Every help text under the part of the work that it belongs to."""
        return render.page(request, "help.html", groups=help.groups())

    @get("/{key:str}")
    async def topic(self, request: Request, key: FromPath[str]) -> Response:
        """One help text with the law behind it, to read or to print."""
        found = help.topic(key)
        if found is None:
            raise NotFoundException
        return render.page(
            request,
            "help_topic.html",
            topic=found,
            laws=help.laws_behind(found, on=clock.today()),
            see=[also for name in found.see if (also := help.topic(name))],
        )
