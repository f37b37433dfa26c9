"""The chain of reasons of one entry, as a household's own page lays it out.

The office that scored is named and not the person: the ledger knows who, and whoever doubts an
entry asks the village; a name on every phone would make each point a personal favour.
"""

from typing import Any

import msgspec

from api import wording
from foundation import clock
from points.passbook import Told


def of_household(told: Told) -> dict[str, Any]:
    """What templates/pages/passbook_entry.html asks for at its head."""
    story = told.story
    entry, item, version = story.line.entry, story.item, story.version
    return {
        "village": entry.village,
        "entry": {
            **msgspec.structs.asdict(entry),
            "recorded_at": clock.local(clock.moment(entry.recorded_at)),
            "role": wording.office(told.role),
            "by_sheet": entry.source.startswith("sheet:"),
        },
        "item": item
        and {"name": item.name, "range": wording.points_range(item), "cap": wording.cap(item)},
        "clause": item and {"number": item.clause_number, "text": item.clause_text},
        "version": version
        and {
            "number": version.number,
            "title": version.title,
            "in_force_from": version.in_force_from,
            "adoption": version.adoption,
        },
        "reason": story.line.reason,
        "has_evidence": story.evidence is not None,
        "reverses": story.reverses and {"id": story.reverses.id, "seq": story.reverses.seq},
        "reversed_by": story.reversed_by
        and {
            "id": story.reversed_by.id,
            "recorded_at": clock.local(clock.moment(story.reversed_by.recorded_at)),
            "role": wording.office(told.reversal_role),
        },
    }
