"""A workbook of many invented people, and the barest way to read it."""

import io

import xlsxwriter
from factories import id_number
from python_calamine import CalamineWorkbook

_HEADER = ("序号", "户主", "姓名", "与户主关系", "身份证号", "联系电话", "村民小组")
_PER_HOUSEHOLD = 4


def register(*, people: int) -> bytes:
    """An xlsx register of households of four, the head in the first row of each."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        sheet = book.add_worksheet("农户册")
        sheet.write_row(0, 0, _HEADER)
        for at in range(people):
            household, member = divmod(at, _PER_HOUSEHOLD)
            head = "张" + chr(0x4E00 + household)
            name = "张李王赵"[member] + chr(0x4E00 + household)
            born = f"{1930 + household % 90}{1 + household // 90 % 12:02}{1 + member:02}"
            line = [
                household + 1 if member == 0 else "",
                head if member == 0 else "",
                name,
                "长子" if member else "户主",
                id_number(household % 1000, born=born),
                "19900000001" if member == 0 else "",
                "5组" if member == 0 else "",
            ]
            sheet.write_row(at + 1, 0, line)
    return file.getvalue()


async def read_cells(content: bytes) -> None:
    """Every cell of the workbook, understood by nobody."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    assert [len(book.get_sheet_by_name(name).to_python()) for name in book.sheet_names]
