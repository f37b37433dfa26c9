"""Every template is rendered at least once, from exactly the context that it documents."""

import re
from pathlib import Path
from typing import Any

import pytest
import sample_boards  # noqa: F401 - each adds its samples
import sample_checks  # noqa: F401
import sample_entries  # noqa: F401
import sample_help  # noqa: F401
import sample_keys  # noqa: F401
import sample_moves  # noqa: F401
import sample_office  # noqa: F401
import sample_passbooks  # noqa: F401
import sample_register  # noqa: F401
import sample_rules  # noqa: F401
import sample_tables  # noqa: F401
import sample_township  # noqa: F401
from samples import SAMPLES

from api import render

# Swagger's own page, which has no text of ours.
NOT_OURS = {"pages/openapi.html"}
TEMPLATES = Path(__file__).parent.parent / "templates"
IDS = [f"{template}{' ' + variant if variant else ''}" for template, variant, _ in SAMPLES]


def rendered(template: str, context: dict[str, Any]) -> str:
    return render.environment.get_template(template).render(context)


def test_every_page_and_print_has_a_sample() -> None:
    shown = {template for template, _, _ in SAMPLES}
    there = {
        str(p.relative_to(TEMPLATES))
        for d in ("pages", "print")
        for p in (TEMPLATES / d).glob("*.html")
    }
    assert there - NOT_OURS == shown


@pytest.mark.parametrize(("template", "variant", "context"), SAMPLES, ids=IDS)
def test_a_template_renders_and_keeps_to_the_content_policy(
    template: str, variant: str, context: dict[str, Any]
) -> None:
    html = rendered(template, context)
    assert re.search(r'<html lang="(zh-CN|en)"', html)
    assert not re.search(r"<[^>]+\sstyle=", html), "inline style"
    assert not re.search(r"<[^>]+\son[a-z]+=", html), "inline handler"
    for attributes in re.findall(r"<script([^>]*)>", html):
        assert "src=" in attributes or "application/json" in attributes, "inline script"
    assert not re.search(r'(?:src|href)="(?:https?:)?//', html), "something from elsewhere"
    assert not re.search(r"&lt;[\w.\- ]+ at 0x|&lt;built-in", html), "an object, not its value"


@pytest.mark.parametrize(("template", "variant", "context"), SAMPLES, ids=IDS)
def test_the_demo_band_is_on_every_page_and_print(
    template: str, variant: str, context: dict[str, Any]
) -> None:
    band = "演示数据，请勿录入真实信息"
    assert band in rendered(template, {**context, "demo": True})
    assert band not in rendered(template, {**context, "demo": False})


@pytest.mark.parametrize(("template", "variant", "context"), SAMPLES, ids=IDS)
def test_every_field_has_a_label_and_every_id_is_used_once(
    template: str, variant: str, context: dict[str, Any]
) -> None:
    html = rendered(template, context)
    ids = re.findall(r'\sid="([^"]+)"', html)
    assert len(ids) == len(set(ids)), sorted({i for i in ids if ids.count(i) > 1})
    labelled = set(re.findall(r'<label[^>]*\sfor="([^"]+)"', html))
    for tag in re.findall(r"<(?:input|select|textarea)\b[^>]*>", html):
        if 'type="hidden"' in tag or "aria-label" in tag:
            continue
        found = re.search(r'\sid="([^"]+)"', tag)
        assert found, tag
        assert found.group(1) in labelled, tag


def with_markup(value: Any) -> Any:
    """The same context with a tag added to every text that a person may have typed."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return [with_markup(v) for v in value]
    if isinstance(value, dict):
        return {
            k: v + "<i>&"
            if k in {"name", "head", "text", "reason", "title"} and isinstance(v, str)
            else with_markup(v)
            for k, v in value.items()
        }
    return value


@pytest.mark.parametrize(("template", "variant", "context"), SAMPLES, ids=IDS)
def test_what_people_typed_is_never_read_as_markup(
    template: str, variant: str, context: dict[str, Any]
) -> None:
    assert "<i>" not in rendered(template, with_markup(context))
