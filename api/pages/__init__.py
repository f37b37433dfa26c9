"""The screens, one file a family: twins of the JSON handlers over the same verbs."""

from litestar.types import ControllerRouterHandler

from api.pages.entrance import EntranceController

HANDLERS: list[ControllerRouterHandler] = [
    EntranceController,
]
