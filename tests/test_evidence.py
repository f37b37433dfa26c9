"""Files that entries rest on: kept once they are named, let go of when nobody names them."""

from datetime import timedelta
from uuid import uuid4

import villages
from villages import CLERK

from foundation.models import Attachment
from points import evidence

PDF = b"%PDF-1.4 x"


async def test_a_file_that_no_entry_named_in_a_day_goes_and_a_named_one_stays(opened: str) -> None:
    items = await villages.a_village()
    named, fresh, old = [
        await evidence.keep(PDF, name="x.pdf", by=CLERK, id=uuid4()) for _ in range(3)
    ]
    await villages.award(1, items["dog"], 20, evidence_id=named)
    for key in (named, old):
        kept = await Attachment.get(id=key)
        await Attachment.filter(id=key).update(created_at=kept.created_at - timedelta(days=2))
    await evidence.purge()
    assert set(await Attachment.all().values_list("id", flat=True)) == {named, fresh}
