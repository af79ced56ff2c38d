"""The page as files: one for each language, and the drawing program that they share."""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
from collections.abc import Iterable, Mapping, Sequence
from importlib import metadata, resources
from pathlib import Path
from typing import Any, Final

import jinja2

from mapping.disclosure.protected import Figure, ProtectedRelease, require_sealed
from mapping.publish import sentences
from mapping.publish.blocks import Block
from mapping.publish.chapters.closing import help_page, privacy, uncertainty
from mapping.publish.context import Context
from mapping.publish.map_legend import SYMBOLS
from mapping.publish.map_places import Place, State
from mapping.publish.maps import draw_map
from mapping.publish.page.choices import Choice, choices
from mapping.publish.page.data import page_data
from mapping.publish.page.grounds import FEW, ground_of
from mapping.publish.palette import EXCEEDANCE, SEQUENTIAL, ink_on, ladder
from mapping.publish.picture_words import Wording
from mapping.publish.view import View
from mapping.texts import Texts, load

__all__ = ["PROGRAM", "pages"]

PROGRAM: Final = "assets/plotly.min.js"
_WIDTH, _NARROW = 12.0, 9.8  # centimetres of the map that needs no script: with few places, and with many


def pages(
    release: ProtectedRelease, context: Context, *, beside: Iterable[str] = (), audited: bool = False
) -> dict[str, bytes]:
    """The files of the interactive page by name: ``map.<language>.html``, and the program that draws its maps.

    Parameters
    ----------
    release : ProtectedRelease
        What `protect` returned, with its public model.
    context : Context
        Who publishes, what was asked, what places are called.
    beside : iterable of str
        Names of the files of the release that the page may lead to.
    audited : bool
        Whether the release is put in place only if an audit finds nothing; the page then says so.

    Raises
    ------
    SealError
        If `release` was not made by `protect`.
    """
    require_sealed(release)
    views = [
        View(release, context, load(language), {}, audited) for language in context.municipality.languages
    ]
    chosen = {view.language: choices(view) for view in views}
    files = {
        f"map.{view.language}.html": _page(
            view, chosen[view.language], _grounds(chosen[view.language], context), sorted(beside)
        )
        for view in views
    }
    mapped = any(choice.level for found in chosen.values() for choice in found)
    return files | ({PROGRAM: _program()} if mapped else {})


def _program() -> bytes:
    """plotly.js as its Python package brings it; the package itself is not loaded."""
    return Path(
        str(metadata.distribution("plotly").locate_file("plotly/package_data/plotly.min.js"))
    ).read_bytes()


def _grounds(chosen: Sequence[Choice], context: Context) -> dict[tuple[str, int], dict[str, Any]]:
    found: dict[tuple[str, int], dict[str, Any]] = {}
    for choice in chosen:
        if choice.level and choice.division not in found and context.districts is not None:
            names = {place.code: place.name for place in choice.places}
            level, sensitivity = choice.division
            ground = ground_of(context.districts, level, sensitivity, names)
            found[choice.division] = {"codes": list(names), **ground}
    return found


def _page(view: View, chosen: Sequence[Choice], grounds: Mapping[Any, Any], beside: Sequence[str]) -> bytes:
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, keep_trailing_newline=True
    )
    program, first = _template("page.js"), _first(view, chosen)
    data = page_data(view, chosen, grounds) | {"first": first["choice"]} if first else {}
    made = environment.from_string(_template("page.html.jinja")).render(
        language=view.language,
        t=view.texts,
        head=_head(view),
        files=_files(view, beside),
        first=first,
        municipal=_municipal(view, chosen),
        closing=[help_page(view), uncertainty(view), privacy(view)],
        colours={"estimate": SEQUENTIAL, "exceedance": [(c, ink_on(c)) for c in EXCEEDANCE]},
        states=[state.value for state in State if state is not State.SHOWN],
        data=_json(data) if data else "",
        style=_template("page.css").strip(),
        program=program,
        allowed=_hash(program),
        drawing=PROGRAM,
        symbols=SYMBOLS,
    )
    return made.encode("utf-8")


def _template(name: str) -> str:
    return resources.files("mapping.publish").joinpath("templates", name).read_text(encoding="utf-8")


def _hash(program: str) -> str:
    """What the content security policy calls the one script that may run."""
    return f"sha256-{base64.b64encode(hashlib.sha256(program.encode()).digest()).decode()}"


def _json(data: Mapping[str, Any]) -> str:
    """Data within a page: nothing in it can end the script element."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def _head(view: View) -> Mapping[str, str]:
    texts, municipality = view.texts, view.context.municipality
    subject = texts("title.report" if view.of_honour else "title.report_other")
    return {
        "title": texts("page.title", title=subject, municipality=municipality.name),
        "survey": texts("title.survey_only", survey=view.context.wave.survey),
        "wave": sentences.wave_name(view.context.wave.id, texts),
        "publisher": municipality.publisher,
        "date": texts.date(view.context.date),
        "most": texts("summary.most") if view.of_honour else "",
        "synthetic": texts("word.synthetic") if view.release.synthetic else "",
    }


def _files(view: View, beside: Sequence[str]) -> Mapping[str, Any]:
    """What lies beside the page: other languages, reports, tables with what they hold in words."""
    texts, own = view.texts, view.language
    told = [
        (name, _file_words(name.removeprefix("tables/"), texts))
        for name in beside
        if name.startswith("tables/")
    ]
    return {
        "languages": [other for other in view.context.municipality.languages if other != own],
        "reports": [
            (f"report.{own}.{form}", texts(f"page.{key}"))
            for form, key in (("html", "report"), ("pdf", "report_pdf"))
            if f"report.{own}.{form}" in beside
        ],
        "tables": [(name, words) for name, words in told if words],
    }


def _file_words(name: str, texts: Texts) -> str:
    """What a table holds; empty for those of another language and those that programs alone read."""
    keys = (
        f"page.file.{form.replace('.', '_')}" for form in (name, name.replace(f".{texts.language}.", "."))
    )
    return next((texts(key) for key in keys if key in texts), "")


def _first(view: View, chosen: Sequence[Choice]) -> Mapping[str, Any] | None:
    """What stands there before anything is chosen: the first measure of the mission that has a map."""
    districts, texts = view.context.districts, view.texts
    mapped = {
        (c.subject.indicator.id, c.subject.wave): c for c in chosen if c.level and c.subject.group == "all"
    }
    wanted = [found for ids in view.themes.values() for id_ in ids if (found := view.subject(id_))]
    named = ((subject.indicator.id, subject.wave) for subject, _ in wanted)
    choice = next((mapped[name] for name in named if name in mapped), next(iter(mapped.values()), None))
    if choice is None or districts is None:
        return None
    subject = choice.subject
    picture = draw_map(
        view.release, districts, subject.indicator, wave=subject.wave, language=view.language, kind="estimate",
        level=choice.level, heading=False, width=_WIDTH if len(choice.places) <= FEW else _NARROW,
        wording=Wording(population=view.context.population(texts)),
    )  # fmt: skip
    order = sorted(choice.places, key=lambda place: (texts.sort_key(place.name), place.code))
    return {
        "choice": choice.name,
        "measure": view.name(subject.indicator.id),
        "wave": sentences.wave_name(subject.wave, texts),
        "picture": picture.svg.decode("utf-8"),
        "title": picture.title,
        "detail": sentences.share(choice.whole, texts),
        "limits": _limits(ladder(subject.indicator), texts),
        "rows": [_row(place, choice, texts) for place in order],
        "whole": _cells(choice.whole, texts),
        "modelled": bool(choice.models),
    }


def _limits(limits: Sequence[int], texts: Texts) -> list[str]:
    """The classes of the scale in words."""
    between = [texts("page.between", low=low, high=high) for low, high in itertools.pairwise(limits[1:])]
    return [texts("page.below", high=limits[1]), *between, texts("page.from", low=limits[-1])]


def _row(place: Place, choice: Choice, texts: Texts) -> Mapping[str, Any]:
    model = choice.models.get(place.code)
    against = texts(f"page.step.{model.exceedance}") if model else ""
    if place.state is State.NO_PUPILS:
        value = texts("picture.no_pupils")
        return {"name": place.name, "value": value, "shown": False, "interval": "", "base": "", "against": ""}
    return {"name": place.name, "against": against, **_cells(choice.figures.get(place.code), texts)}


def _cells(figure: Figure | None, texts: Texts) -> Mapping[str, Any]:
    """A figure as it stands in a row of the table; no figure is told like a withheld one."""
    return {
        "value": sentences.value(figure, texts) if figure else texts("status.withheld"),
        "shown": figure is not None and figure.share is not None,
        "interval": sentences.interval(figure, texts),
        "base": figure.base if figure else "",
    }


def _municipal(view: View, chosen: Sequence[Choice]) -> Block:
    """Every measure for the whole municipality in the release's wave, all pupils, girls and boys."""
    wave = view.context.wave.id
    here = {(c.subject.indicator.id, c.subject.group): c.whole for c in chosen if c.subject.wave == wave}
    groups = [group for group in ("all", "girl", "boy") if any(g == group for _, g in here)]
    return {
        "groups": groups,
        "rows": [
            (id_, view.name(id_), [_cells(here.get((id_, group)), view.texts) for group in groups])
            for id_ in dict.fromkeys(id_ for id_, _ in here)
        ],
    }
