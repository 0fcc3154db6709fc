"""Charts as somebody sees them: drawn from the table beside them, in print and by night, and not at all without scripts."""

import re
from itertools import pairwise

import pytest
from playwright.sync_api import expect

from tests import factories
from tests.factories import on, reply

DRAWN = "canvas => Chart.getChart(canvas).data.datasets.map(one => [one.label, one.data])"
FIRST_LINE = "canvas => { const c = Chart.getChart(canvas); return c.data.datasets.map(d => [d.borderDash, d.borderColor].join()) }"

# What fills each part, as a copier sees it: the mean grey of a tile of eight by eight, and which of its points are darker.
TILES = """canvas => Chart.getChart(canvas).data.datasets.map(({ backgroundColor }) => {
  const tile = document.createElement("canvas");
  tile.width = tile.height = 8;
  const pen = tile.getContext("2d");
  pen.fillStyle = backgroundColor;
  pen.fillRect(0, 0, 8, 8);
  const { data } = pen.getImageData(0, 0, 8, 8);
  const greys = Array.from({ length: 64 }, (_, n) => 0.299 * data[4 * n] + 0.587 * data[4 * n + 1] + 0.114 * data[4 * n + 2]);
  const mean = greys.reduce((sum, grey) => sum + grey) / 64;
  return { mean, drawn: greys.map((grey) => (Math.abs(grey - mean) < 4 ? "." : grey < mean ? "#" : "o")).join("") };
})"""
APART = 20  # of 256 greys


@pytest.fixture
def answered(site):
    """Two letters more: Treasury answers one after a week, State one after three weeks."""
    with on(8, 1):
        reply(factories.item(), received_on=factories.SENT_ON.replace(month=5, day=2))
        reply(factories.item(agencies=["state"]), received_on=factories.SENT_ON.replace(month=5, day=16))


def test_the_dashboard_draws_its_table_and_says_what_it_shows(page, site, answered, sign_in, accessible):
    sign_in("viewer")
    page.goto(site + "/dashboard/")
    canvas = page.get_by_role("img", name=re.compile(r"^Chart\. Most is open with Treasury: 4 items, all of them"))
    expect(canvas).to_be_visible()
    table = page.locator("#figures-agency")
    agencies = table.locator("tbody .figures__label").all_inner_texts()
    assert canvas.evaluate("canvas => Chart.getChart(canvas).data.labels") == agencies
    drawn = dict(canvas.evaluate(DRAWN))
    assert list(drawn) == ["up to 30 days", "31 to 90 days", "91 to 365 days", "over a year"]
    counts = {a: int(n) for a, n in zip(agencies, table.locator('td[data-column="waited_over_365"]').all_inner_texts(), strict=True)}  # fmt: skip
    assert drawn["over a year"] == list(counts.values())
    assert sum(counts.values()) == 9
    assert page.locator("canvas").count() == 2
    accessible()


def test_the_curves_are_steps_of_the_table_told_apart_by_dashes(page, site, answered, sign_in, accessible):
    sign_in("viewer")
    page.goto(site + "/reports/replies/")
    canvas = page.get_by_role(
        "img", name=re.compile(r"^Chart\. Treasury \(4 items\): fewer than half had been answered after")
    )
    expect(canvas).to_be_visible()
    drawn = dict(canvas.evaluate(DRAWN))
    assert [(point["x"], point["y"]) for point in drawn["Treasury"]][:2] == [(0, 1), (7, 0.75)]
    assert [(point["x"], point["y"]) for point in drawn["State"]][:2] == [(0, 1), (21, 0.5)]
    dashes = [line.rsplit(",", 3)[0] for line in canvas.evaluate(FIRST_LINE)]
    assert len(dashes) == len(set(dashes)) == 3
    page.get_by_text("The numbers, day by day").click()
    row = page.locator('#curves tr[data-series="Treasury"]').nth(1)
    assert row.inner_text().split() == ["Treasury", "7", "4", "1", "0.75"]
    accessible()


def test_by_night_it_is_drawn_anew_and_on_paper_it_is_light(page, site, answered, sign_in):
    sign_in("viewer")
    page.goto(site + "/reports/replies/")
    canvas = page.locator("canvas")
    day = canvas.get_attribute("data-ink")
    page.emulate_media(color_scheme="dark")
    expect(canvas).not_to_have_attribute("data-ink", day)
    night = canvas.get_attribute("data-ink")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(canvas).to_have_attribute("data-ink", day)
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(canvas).to_have_attribute("data-ink", night)
    assert canvas.evaluate("canvas => Chart.getChart(canvas).options.animation") is False


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_without_colour_the_parts_of_each_bar_are_told_apart(page, site, answered, sign_in, scheme):
    """By grey, each from each; and, beside each other, by what is drawn on them: on screen and on paper."""
    page.emulate_media(color_scheme=scheme)
    sign_in("viewer")
    page.goto(site + "/dashboard/")
    charts = page.locator("canvas")
    expect(charts).to_have_count(2)
    for when in ("", "beforeprint"):
        if when:
            page.evaluate("dispatchEvent(new Event('beforeprint'))")
        for canvas in charts.all():
            tiles = canvas.evaluate(TILES)
            assert len(tiles) >= 2
            means = sorted(tile["mean"] for tile in tiles)
            assert [(b - a) >= APART for a, b in pairwise(means)] == [True] * (len(tiles) - 1), (when, means)
            drawn = [tile["drawn"] for tile in tiles]
            assert [a != b for a, b in pairwise(drawn)] == [True] * (len(tiles) - 1), (when, drawn)


def test_without_scripts_there_is_the_table_alone(page, browser, site, answered, sign_in):
    sign_in("viewer")
    quiet = browser.new_context(java_script_enabled=False, storage_state=page.context.storage_state())
    plain = quiet.new_page()
    plain.goto(site + "/dashboard/")
    expect(plain.locator("#figures-agency")).to_be_visible()
    assert (plain.locator("canvas").count(), plain.locator(".chart:visible").count()) == (0, 0)
    quiet.close()


def test_only_pages_with_charts_load_what_draws_them(page, site, sign_in):
    sign_in("viewer")
    loaded = []
    page.on("request", lambda made: loaded.append(made.url.rsplit("/", 1)[-1]))
    page.goto(site + "/letters/")
    assert [name for name in loaded if name.startswith("chart")] == []
    page.goto(site + "/agencies/treasury/record/")
    assert [name for name in loaded if name.startswith("chart")] == ["chart.umd.min.js", "charts.js"]
