"""Lines folded into households.

Villages keep one row a person with the household's cells merged or left blank below, or one row a
household, or members across in columns; first lines get lost and households are torn apart by a
page. Here each line either starts a household or joins one. Nothing is judged or dropped: that is
done in `reading`, with all the lines of a household at hand.
"""

from dataclasses import dataclass, field

from households.headers import Table
from households.lines import Line
from households.parsed import Problems


@dataclass
class Draft:
    """A household as its lines come in.

    `line_missing`: it was only recognised by a new head among the members, although the sheet
    has columns for the household's number or head that should have been filled in.
    """

    table: Table
    sheet: str
    lines: list[Line]
    number: str = ""
    number_role: str = ""
    head: str = ""
    has_head: bool = False
    line_missing: bool = False


@dataclass
class Folder:
    """Takes the lines of one table in order and keeps the households that they make.

    `number_role` is the role whose cells number households: the village's own number, or the
    running number where there is none and it does not count people; empty if nothing does.
    """

    table: Table
    sheet: str
    number_role: str
    problems: Problems
    drafts: list[Draft] = field(default_factory=list)
    numbered: dict[str, Draft] = field(default_factory=dict)

    @property
    def one_row_each(self) -> bool:
        """Whether every line is a household: there is nothing that could tie lines together."""
        ties = self.table.has("relation") or (
            self.table.has("name") and (self.table.has("head") or bool(self.number_role))
        )
        return not ties

    def take(self, line: Line) -> None:
        """Add the line to the household it belongs to, or start one with it."""
        number = line.text(self.number_role) if self.number_role else ""
        head = line.text("head")
        draft = self._home(line, number=number, head=head)
        if draft is None:
            draft = Draft(self.table, self.sheet, [], number, self.number_role, head)
            draft.line_missing = not (number or head) and (
                bool(self.number_role) or self.table.has("head")
            )
            if number:
                self.numbered[number] = draft
            self.drafts.append(draft)
        elif line.after_blank and not number and not head:
            self.problems.add("after_blank_row", sheet=self.sheet, row=line.row)
        draft.lines.append(line)
        draft.head = draft.head or head
        draft.has_head = draft.has_head or _has_head(line, draft.head)

    def _home(self, line: Line, *, number: str, head: str) -> Draft | None:
        """The household that the line joins; None if it starts one."""
        if self.one_row_each or not self.drafts:
            return None
        current = self.drafts[-1]
        if number:
            known = current if number == current.number else self.numbered.get(number)
            if known is None or (known.has_head and _has_head(line, known.head)):
                return None
            return None if head and known.head and head != known.head else known
        if head and head != current.head:
            return None
        if not _has_head(line, head):
            return current
        if current.has_head:
            return None
        heads = [person.text("name") for person in line.people if person.is_head]
        return current if not current.head or head or current.head in heads else None


def _has_head(line: Line, head: str) -> bool:
    """Whether the head stands on the line, by the relation or by the name in the head's column."""
    return line.names_head or (
        bool(head) and any(person.text("name") == head for person in line.people)
    )
