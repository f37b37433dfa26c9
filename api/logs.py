"""The log: standard error, one line a happening, and never a phone or ID number.

Standard output belongs to the answers of commands. Tracebacks name files and lines but show no
variables, which hold what people typed.
"""

import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

# A phone number, an ID number of today (18) or of old (15 digits); region codes have 12.
_PERSONAL = re.compile(r"(?<![0-9])(1[0-9]{10}|[0-9]{15}|[0-9]{17}[0-9Xx])(?![0-9])")


def configure() -> None:
    """Send this process's log to standard error."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.dev.ConsoleRenderer(
                colors=False, exception_formatter=structlog.dev.plain_traceback
            ),
            _without_personal_numbers,
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


def _without_personal_numbers(_: Any, __: str, line: MutableMapping[str, Any]) -> str:
    # What comes from the renderer before is the finished line; the type is the chain's.
    return _PERSONAL.sub("[number]", str(line))
