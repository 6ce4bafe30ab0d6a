"""The page's charts as Vega-Lite specifications without data, written once to charts.json; `python -m warehouse.page.charts`."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import altair
import vl_convert

# Their annotations are narrower than what they take: expressions, and a bundle without a snippet.
alt: Any = altair
_converter: Any = vl_convert
FOLDER = Path(__file__).resolve().parent
SPECS, BUNDLE = FOLDER / "charts.json", FOLDER / "vega.js.gz"
# Colours are the page's own, by name, so that light, dark and print are matters of page.css alone.
INK, MUTED, FAINT, PAPER = "var(--ink)", "var(--muted)", "var(--faint)", "var(--paper)"
DOT, ACCENT, BLUE, GREEN, BAND = "var(--dot)", "var(--accent)", "var(--blue)", "var(--green)", "var(--band)"
SANS = '"Helvetica Neue", Helvetica, Arial, "Liberation Sans", sans-serif'
# Ten to the power in raised digits, as the tables print it: 10²⁵.
_RAISED = "".join(["'10' + ", "replace(" * 11, "format(log(datum.value) / LN10, '.0f')"]) + "".join(
    f", /{plain}/g, '{raised}')" for plain, raised in zip("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹", strict=True)
)
_POWERS_OF_TEN = "abs(log(datum.value) / LN10 - round(log(datum.value) / LN10)) < 0.001"
CONFIG: dict[str, Any] = {
    "background": None, "aria": False,
    "font": SANS,
    "view": {"stroke": None},
    "axis": {
        "labelColor": MUTED, "titleColor": MUTED, "gridColor": FAINT, "domainColor": FAINT, "tickColor": FAINT,
        "labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal", "labelPadding": 6, "domain": False,
        "ticks": False,
    },
    "text": {"color": INK, "fontSize": 12, "font": SANS},
    "rule": {"color": INK},
    "title": {"color": INK, "subtitleColor": MUTED, "anchor": "start", "fontSize": 17, "subtitleFontSize": 12},
    "header": {"labelColor": INK, "titleColor": MUTED, "labelFontSize": 13, "labelFontWeight": "bold"},
    "legend": {"labelColor": INK, "titleColor": MUTED, "labelFontSize": 12, "orient": "top", "symbolType": "square"},
}  # fmt: skip


def _data(name: str) -> altair.NamedData:
    return alt.NamedData(name=name)


def _time(field: str, title: str | None = None, **scale: Any) -> altair.X:
    axis = alt.Axis(title=title, grid=False, tickCount=alt.ExprRef("width < 500 ? 4 : 8"), format="%Y", domain=True)
    return alt.X(field, type="temporal", scale=alt.Scale(type="utc", **scale), axis=axis)


def _only_powers() -> Any:
    return alt.condition(_POWERS_OF_TEN, alt.value(1), alt.value(0))


def _powers(field: str, title: str | None, **scale: Any) -> altair.Y:
    label = f"{_POWERS_OF_TEN} ? {_RAISED} : ''"
    axis = alt.Axis(title=None, labelExpr=label, tickCount=8, gridOpacity=_only_powers())
    return alt.Y(
        field, type="quantitative", scale=alt.Scale(type="log", nice=False, padding=14, **scale), axis=axis, title=title
    )


def runs() -> altair.LayerChart:
    """All runs on a log scale; page.js chooses rows and years, and points at one run (`picked`)."""
    chosen = [alt.param(name=n, value=v) for n, v in {"since": 0, "until": 0, "scheme": "", "picked": ""}.items()]
    days = {"domainMin": alt.ExprRef("since"), "domainMax": alt.ExprRef("until")}
    return alt.layer(*_eras(days), *_fitted(days), *_dots(days), *_names(days), height=520).add_params(*chosen)


def _eras(days: dict[str, Any]) -> list[altair.Chart]:
    shown = (
        alt.Chart(_data("era_bands"))
        .transform_filter("datum.scheme == scheme")
        .transform_calculate(
            start="max(since, isValid(datum.starts_on) ? datum.starts_on : since)",
            end="min(until, isValid(datum.ends_on) ? datum.ends_on : until)",
        )
        .transform_filter("datum.end > datum.start")
    )
    even = alt.condition("datum.era_order % 2 == 0", alt.value(BAND), alt.value("transparent"))
    bands = shown.mark_rect(clip=True).encode(x=_time("start", **days), x2="end", color=even)
    names = shown.mark_text(align="left", baseline="top", dx=4, dy=5, color=MUTED, fontSize=11, clip=True).encode(
        x=_time("start", **days),
        y=alt.value(0),
        text="era:N",
        opacity=_wide("(datum.end - datum.start) / (until - since) > 0.1"),
    )
    return [bands, names]


def _wide(more: str) -> Any:
    return alt.condition(f"width >= 500 && {more}", alt.value(1), alt.value(0))


def _fitted(days: dict[str, Any]) -> list[altair.Chart]:
    shown = alt.Chart(_data("fits")).transform_filter("datum.on_day >= since")
    band = shown.mark_area(clip=True, color=BLUE, opacity=0.16).encode(
        x=_time("on_day", **days), y=_powers("low", None), y2="high", detail="fit:N"
    )
    line = shown.mark_line(clip=True, color=BLUE, strokeWidth=2).encode(
        x=_time("on_day", **days), y=_powers("flop", None), detail="fit:N"
    )
    return [band, line]


def _dots(days: dict[str, Any]) -> list[altair.Chart]:
    place = {"x": _time("published_on", **days), "y": _powers("flop", "Training compute, FLOP")}
    shown = alt.Chart(_data("runs"))
    hollow = alt.condition("datum.known == 'estimated'", alt.value("transparent"), alt.value(DOT))
    others = shown.transform_filter("!datum.is_frontier").mark_point(
        clip=True, size=26, stroke=DOT, strokeWidth=1, opacity=0.75
    )
    first = alt.condition("datum.known == 'estimated'", alt.value(PAPER), alt.value(ACCENT))
    frontier = shown.transform_filter("datum.is_frontier").mark_point(
        clip=True, size=40, stroke=ACCENT, strokeWidth=1.2
    )
    one = alt.Chart(_data("runs")).transform_filter("datum.run_id == picked")
    reach = one.mark_rule(strokeWidth=1.5).encode(x=place["x"], y=_powers("low", None), y2="high")
    ring = one.mark_point(size=130, stroke=INK, strokeWidth=2, fill="transparent", opacity=1).encode(**place)
    return [others.encode(fill=hollow, **place), frontier.encode(fill=first, **place), reach, ring]


def _names(days: dict[str, Any]) -> list[altair.Chart]:
    shown = alt.Chart(_data("labels")).transform_filter("datum.published_on >= since")
    place = {"x": _time("published_on", **days), "y": _powers("flop", None), "text": "name:N"}
    style = {
        "align": "right",
        "baseline": "bottom",
        "dx": -6,
        "dy": -3,
        "fontSize": 12,
        "fontWeight": 600,
        "limit": 150,
    }
    halo = shown.mark_text(**style, stroke=PAPER, strokeWidth=4, strokeJoin="round", color=PAPER).encode(**place)
    return [halo, shown.mark_text(**style).encode(**place)]


# Where a row's words stand left of the plot, and where above it, on a phone.
_IS_WIDE = "width >= 640"


def _beside(left: int, right: int) -> dict[str, Any]:
    """Keys of a scale that leaves room for words left of the plot, where there is any, and for figures right of it."""
    return {
        "rangeMin": alt.ExprRef(f"{_IS_WIDE} ? {left} : 4"),
        "rangeMax": alt.ExprRef(f"width - {right}"),
        "clamp": True,
    }


def _forest(data: str, x: Any, low: Any, high: Any, color: Any = None, room: int = 420) -> list[altair.Chart]:
    """One row a line: its words, its interval, its dot, its figure, and nothing else; page.js sets the height of a row."""
    base = alt.Chart(_data(data), height=alt.Step(26)).encode(y=alt.Y("row:O", axis=None))
    color = color or alt.value(BLUE)
    on, above = alt.ExprRef(f"{_IS_WIDE} ? 0 : 7"), alt.ExprRef(f"{_IS_WIDE} ? 0 : -10")
    reach = base.mark_rule(strokeWidth=3, opacity=0.45, yOffset=on).encode(x=low, x2=high, color=color)
    dots = base.mark_circle(size=80, opacity=1, yOffset=on).encode(x=x, color=color)
    halo = {"stroke": PAPER, "strokeWidth": 5, "strokeJoin": "round", "color": PAPER}
    limit = alt.ExprRef(f"{_IS_WIDE} ? {room} : width")
    words = [base.mark_text(align="left", yOffset=above, limit=limit, **style) for style in (halo, {})]
    figures = base.mark_text(align="right", yOffset=on, fontWeight=600).encode(
        x=alt.value({"expr": "width"}), text="shown:N"
    )
    return [reach, dots, *(layer.encode(x=alt.value(0), text="words:N") for layer in words), figures]


def doublings() -> altair.LayerChart:
    """Doubling times with their 95% intervals; the essay's claim is a line through them."""
    scale = alt.Scale(type="log", base=2, domain=[2, 32], **_beside(330, 112))
    axis = alt.Axis(values=[2, 3, 4, 6, 8, 12, 16, 24, 32], grid=True, orient="top", title=None)
    x = alt.X("doubling_months:Q", scale=scale, axis=axis)
    color = alt.condition("datum.is_first", alt.value(ACCENT), alt.value(BLUE))
    rows = _forest("doublings", x, alt.X("low:Q", scale=scale, axis=axis), "high:Q", color)
    claim = alt.Chart(_data("essay")).mark_rule(strokeDash=[3, 3], color=INK)
    return alt.layer(claim.encode(x=alt.X("claimed_doubling_months:Q", scale=scale, axis=axis)), *rows)


def claims() -> altair.LayerChart:
    """The essay's ranges as wide bars, and on them what the runs show: p10 to p90 and the median."""
    even = "round(log(datum.value) / LN10) % 2 == 0"
    axis = alt.Axis(
        orient="top",
        title=None,
        labelExpr=f"{_POWERS_OF_TEN} && ({_IS_WIDE} || {even}) ? format(datum.value, '~g') : ''",
        labelOverlap=False,
        gridOpacity=_only_powers(),
    )
    scale = alt.Scale(type="log", nice=True, **_beside(250, 112))
    base = alt.Chart(_data("claims"), height=alt.Step(26)).encode(y=alt.Y("row:O", axis=None))
    low = alt.ExprRef(f"{_IS_WIDE} ? 0 : 7")
    claimed = base.mark_bar(height=13, color=BAND, stroke=MUTED, strokeWidth=0.8, yOffset=low).encode(
        x=alt.X("claimed_low:Q", scale=scale, axis=axis), x2="claimed_high"
    )
    rows = _forest("claims", alt.X("median:Q", scale=scale, axis=axis), alt.X("p10:Q", scale=scale, axis=axis), "p90:Q")
    return alt.layer(claimed, *rows)


def costs() -> altair.LayerChart:
    """What runs cost, on a log scale; JavaScript points at one (`picked`)."""
    small = "format(datum.value, datum.value < 1 ? '$~g' : '$~s')"
    dollars = f"{_POWERS_OF_TEN} ? replace({small}, 'G', 'B') : ''"
    axis = alt.Axis(title=None, labelExpr=dollars, tickCount=8, gridOpacity=_only_powers())
    place = {
        "x": _time("published_on", padding=12),
        "y": alt.Y("usd:Q", scale=alt.Scale(type="log", nice=False, padding=12), axis=axis),
    }
    base = alt.Chart(_data("costs"), height=400)
    others = base.transform_filter("!datum.is_frontier").mark_point(size=26, stroke=DOT, opacity=0.75, clip=True)
    frontier = base.transform_filter("datum.is_frontier").mark_point(size=40, stroke=ACCENT, strokeWidth=1.2)
    ring = base.transform_filter("datum.run_id == picked").mark_point(size=130, stroke=INK, strokeWidth=2)
    return alt.layer(
        others.encode(fill=alt.value(DOT), **place),
        frontier.encode(fill=alt.value(ACCENT), **place),
        ring.encode(fill=alt.value("transparent"), **place),
    ).add_params(alt.param(name="picked", value=""))


def forces() -> altair.LayerChart:
    """Growth a year of what drives compute and of what it costs, with 95% intervals."""
    scale = alt.Scale(type="log", domain=[0.9, 5], **_beside(270, 128))
    axis = alt.Axis(values=[1, 1.5, 2, 3, 4, 5], format="~g", labelExpr="datum.label + '×'", orient="top", title=None)
    x = alt.X("growth_per_year:Q", scale=scale, axis=axis)
    low = alt.X("growth_per_year_low:Q", scale=scale, axis=axis)
    return alt.layer(*_forest("forces", x, low, "growth_per_year_high:Q"))


def parts() -> altair.LayerChart:
    """How much of the growth of frontier runs each part brings, in orders of magnitude; the parts add up."""
    axis = alt.Axis(format="%", orient="top", title=None, tickCount=5)
    x = alt.X("part_of_whole:Q", axis=axis, scale=alt.Scale(**_beside(170, 140)))
    base = alt.Chart(_data("parts"), height=alt.Step(26)).encode(y=alt.Y("row:O", axis=None))
    lower, upper = alt.ExprRef(f"{_IS_WIDE} ? 0 : 7"), alt.ExprRef(f"{_IS_WIDE} ? 0 : -10")
    bars = base.mark_bar(height=12, color=BLUE, yOffset=lower).encode(x=x)
    words = base.mark_text(align="left", yOffset=upper).encode(x=alt.value(0), text="words:N")
    figures = base.mark_text(align="right", yOffset=lower, fontWeight=600)
    return alt.layer(bars, words, figures.encode(x=alt.value({"expr": "width"}), text="shown:N"))


def projections() -> altair.LayerChart:
    """When each milestone is reached under each scenario, with its interval; what lies beyond the last year is cut off."""
    days = {"domainMin": alt.ExprRef("from"), "domainMax": alt.ExprRef("to")}
    axis = alt.Axis(format="%Y", orient="top", title=None, tickCount=alt.ExprRef("width < 500 ? 3 : 6"))
    reach_of_words = {
        "rangeMin": alt.ExprRef(f"{_IS_WIDE} ? 190 : 125"),
        "rangeMax": alt.ExprRef(f"{_IS_WIDE} ? width - 150 : width - 6"),
    }
    scale = alt.Scale(type="utc", clamp=True, **days, **reach_of_words)
    color = alt.Color("scenario_place:O", legend=None, scale=alt.Scale(domain=[1, 2, 3], range=[ACCENT, BLUE, GREEN]))
    base = alt.Chart(_data("projections"), height=alt.Step(22)).encode(y=alt.Y("row:O", axis=None))
    told = base.transform_filter("isValid(datum.scenario)")
    reach = told.mark_rule(strokeWidth=3, opacity=0.45).encode(
        x=alt.X("earliest_on:T", scale=scale, axis=axis), x2="latest_on", color=color
    )
    dots = (
        told.transform_filter("datum.reached_on <= to")
        .mark_circle(size=80, opacity=1)
        .encode(x=alt.X("reached_on:T", scale=scale, axis=axis), color=color)
    )
    heads = base.transform_filter("!isValid(datum.scenario)").mark_text(align="left", fontWeight=600, fontSize=13)
    names = told.mark_text(align="left", color=MUTED, dx=10)
    when = told.mark_text(align="right", opacity=alt.ExprRef(f"{_IS_WIDE} ? 1 : 0"))
    said = [layer.encode(x=alt.value(0), text="words:N") for layer in (heads, names)]
    return alt.layer(reach, dots, *said, when.encode(x=alt.value({"expr": "width"}), text="shown:N")).add_params(
        alt.param(name="from", value=0), alt.param(name="to", value=0)
    )


def counts() -> altair.LayerChart:
    """Models above two thresholds, added up by year: the record, and dashed what the trend leads to."""
    x = alt.X("year:O", axis=alt.Axis(title=None, labelAngle=0, labelOverlap=True, domain=True))
    y = alt.Y("cumulative_runs:Q", axis=alt.Axis(title=None, tickCount=6))
    color = alt.Color(
        "limit:N", legend=alt.Legend(title=None, symbolOpacity=1), scale=alt.Scale(range=[BLUE, ACCENT]), sort=None
    )
    base = alt.Chart(_data("counts"), height=320).encode(x=x, color=color)
    reach = base.mark_area(opacity=0.18).encode(
        y=alt.Y("cumulative_runs_low:Q", axis=alt.Axis(title=None)), y2="cumulative_runs_high", detail="count_basis:N"
    )
    dash = alt.StrokeDash(
        "count_basis:N", legend=None, scale=alt.Scale(domain=["record", "projected"], range=[[1, 0], [5, 4]])
    )
    lines = base.mark_line(strokeWidth=2, point=alt.OverlayMarkDef(size=36)).encode(y=y, strokeDash=dash)
    return alt.layer(reach, lines)


def published() -> altair.LayerChart:
    """Our figure over the published one, with our interval; equal is the line through them."""
    scale = alt.Scale(type="log", domain=[0.25, 4], **_beside(400, 122))
    ticks = [0.25, 0.5, 1, 2, 4]
    axis = alt.Axis(
        values=ticks, format="~g", labelExpr="datum.label + '×'", orient="top", title=None, labelOverlap=True
    )
    x = alt.X("our_over_published:Q", scale=scale, axis=axis)
    verdicts = {"reproduced": GREEN, "overlaps": BLUE, "differs": ACCENT}
    color = alt.Color(
        "result_verdict:N",
        scale=alt.Scale(domain=list(verdicts), range=list(verdicts.values())),
        legend=alt.Legend(title=None, symbolOpacity=1),
    )
    rows = _forest(
        "published", x, alt.X("low_over_published:Q", scale=scale, axis=axis), "high_over_published:Q", color, 390
    )
    equal = alt.Chart(alt.InlineData(values=[{"one": 1}])).mark_rule(color=INK, strokeDash=[3, 3])
    return alt.layer(equal.encode(x=alt.X("one:Q", scale=scale, axis=axis)), *rows)


def coverage() -> altair.Chart:
    """Runs by year of publication and by how their compute is known."""
    known = ["reported", "estimated", "not known"]
    return (
        alt.Chart(_data("coverage"), height=260)
        .transform_filter("datum.year >= 2000")
        .mark_bar()
        .encode(
            x=alt.X("year:O", axis=alt.Axis(title=None, labelAngle=0, labelOverlap=True, domain=True)),
            y=alt.Y("runs:Q", axis=alt.Axis(title=None, tickCount=5)),
            color=alt.Color(
                "known:N",
                sort=known,
                scale=alt.Scale(domain=known, range=[BLUE, ACCENT, FAINT]),
                legend=alt.Legend(title=None),
            ),
            order=alt.Order("place:Q"),
        )
    )


CHARTS = (runs, doublings, claims, costs, forces, parts, projections, counts, published, coverage)


def specs() -> dict[str, dict]:
    """Each chart's specification by name, as wide as its place on the page."""
    made = {}
    for chart in CHARTS:
        spec = chart().to_dict()
        spec["config"] = CONFIG
        spec["width"] = "container"
        made[chart.__name__] = spec
    return made


def text() -> str:
    """charts.json as it should be."""
    return json.dumps(specs(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def bundle() -> bytes:
    """Vega, Vega-Lite and Vega-Embed as one script, packed; the same bytes for the same version."""
    return gzip.compress(_converter.javascript_bundle().encode(), compresslevel=9, mtime=0)


if __name__ == "__main__":
    SPECS.write_text(text(), encoding="utf-8")
    BUNDLE.write_bytes(bundle())
