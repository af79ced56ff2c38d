"""What every report closes with: limits, protection, uncertainty, help, and who made it from what."""

from __future__ import annotations

from collections.abc import Iterator

from mapping.publish.blocks import Block, bullets, paragraph, section, terms
from mapping.publish.view import View

__all__ = ["colophon", "help_page", "limits", "privacy", "uncertainty"]

READERS = ("children", "adults", "staff")


def limits(view: View) -> Block:
    """What the figures do not show."""
    told = ("absent", "self", "motive", "places") if view.of_honour else ("absent_other", "self", "places")
    return section(
        "limits",
        view.texts("section.limits"),
        [bullets(view.texts(f"limits.{key}") for key in told)],
    )


def _base(view: View) -> str:
    return view.texts.number(int(view.release.policy.get("base_n", 30)))


def privacy(view: View) -> Block:
    """How those who answered are protected, in a few sentences."""
    texts = view.texts
    said = [
        texts("privacy.threshold", base=_base(view)),
        texts("privacy.complementary"),
        *(texts(f"privacy.{key}") for key in (("audited", "certificate") if view.audited else ("rules",))),
    ]
    return section("privacy", texts("section.privacy"), [paragraph(" ".join(said))])


def uncertainty(view: View) -> Block:
    """How to read uncertainty, in three sentences."""
    said = [view.texts(f"uncertainty.{key}") for key in ("interval", "compare", "beyond")]
    return section("uncertainty", view.texts("section.uncertainty"), [paragraph(" ".join(said))])


def _contacts(view: View) -> Iterator[tuple[str, str, str]]:
    """Whom to turn to: what the municipality says, and the national contacts where it says nothing."""
    texts, given = view.texts, view.context.municipality.help
    yield texts("help.acute_label"), given.get("acute", texts("help.acute")), _lang(view, "acute")
    for reader in READERS:
        yield texts(f"help.{reader}_label"), given.get(reader, texts(f"help.{reader}")), _lang(view, reader)
    for key, text in given.items():
        if key not in {"acute", *READERS}:
            yield texts("help.municipality_label"), text, "sv"


def _lang(view: View, key: str) -> str:
    return "sv" if key in view.context.municipality.help else view.language


def help_page(view: View) -> Block:
    """Where to get help: for children, for adults, for those who work with children."""
    texts, municipality = view.texts, view.context.municipality
    confirmed = all(reader in municipality.help for reader in READERS)
    return section(
        "help",
        texts("section.help"),
        [
            paragraph(texts("help.intro"), "lead") if view.of_honour else {},
            terms(_contacts(view)),
            paragraph(texts("help.social", municipality=municipality.name)) if view.of_honour else {},
            {} if confirmed else paragraph(texts("help.unconfirmed"), "note"),
        ],
    )


def _facts(view: View) -> Iterator[tuple[str, str, str]]:
    texts, context = view.texts, view.context
    wave, own = context.wave, view.language
    yield texts("made.by"), context.municipality.publisher, "sv"
    yield texts("made.source"), texts("title.survey_only", survey=wave.survey), own
    if all(wave.fieldwork):
        first, last = (texts.date(day) for day in wave.fieldwork)
        yield texts("made.fieldwork"), texts("made.from_to", first=first, last=last), own
    if wave.population:
        yield texts("made.population"), wave.population, "sv"
    if context.districts is not None:
        edition = context.districts.edition
        yield (
            texts("made.geography"),
            ", ".join(part for part in (context.districts.id, edition) if part),
            "sv",
        )
    small = int(view.release.policy.get("small_count", 4))
    yield texts("made.policy"), texts("made.policy_text", base=_base(view), small=small), own
    if approved := context.publication.approved.get(wave.id):
        yield texts("made.approved"), approved, "sv"
    if basis := context.municipality.legal.get("basis"):
        yield texts("made.legal"), basis, "sv"
    yield texts("made.files"), texts("made.files_text"), own
    yield texts("made.program"), f"mapping {context.version}".strip(), own


def colophon(view: View) -> Block:
    """Who made this, from what, when, with which policy."""
    return section("made", view.texts("section.made"), [terms(_facts(view))])
