"""Every page in every role passes axe (WCAG 2.2 AA among its rules), at desk width and on the narrowest phone.

The walk is made of the resolver: a page without a line in `tests/access/routes.py` fails there, so none is left out.
What is made as something that was looked at is not looked at again by axe: its words alone are other ones (see
`tests/shape.py`, also for what is looked for in each page of each role without a browser). Whether it fits a phone is
a matter of words too: that is measured of every page, for who sees most of it.
"""

import re

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from letters.enums import Role
from tests.access import routes, world
from tests.shape import Shape

# So that no worker walks alone at the end.
PARTS = 2
DESK = {"width": 1280, "height": 800}
PHONE = {"width": 320, "height": 700}
# Files and answers for programs; what only leads elsewhere; what ends the session that looks; a mail, which is a
# document without scripts in a sandbox: axe hangs in it (the page around it is looked at).
NO_PAGE = re.compile(
    r"^(api:(?!docs$)|feeds:|admin:|suggest_|health$|queue_file$|import_export$|file_download$|follow_up_file$|brief_file$|report_file$|document_template$|calendar$|mail_preview$|account_logout$)"
)
# What can be another on a phone at night in a page that passes at a desk by day: sizes, colors, what shows only there.
ON_A_PHONE = (
    "target-size", "color-contrast", "link-in-text-block", "scrollable-region-focusable", "button-name", "link-name", "label", "select-name", "aria-hidden-focus", "nested-interactive",
)  # fmt: skip
# A word that goes on in the next line of a table was broken to save a column: nobody can read it.
BROKEN_WORDS = """() => {
  const broken = [];
  for (const cell of document.querySelectorAll('td, th')) {
    if (!cell.checkVisibility()) continue;
    const walk = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
    for (let node; (node = walk.nextNode());) {
      for (const word of node.textContent.matchAll(/(?<![\\p{L}\\p{N}’])[\\p{L}\\p{N}’]{2,15}(?![\\p{L}\\p{N}’])/gu)) {
        const range = document.createRange();
        range.setStart(node, word.index);
        range.setEnd(node, word.index + word[0].length);
        const lines = new Set([...range.getClientRects()].filter(r => r.width > 0).map(r => Math.round(r.top)));
        if (lines.size > 1) broken.push(word[0]);
      }
    }
  }
  return broken;
}"""


def pages(office: world.World) -> list[str]:
    """The address of each page, of a letter where it is of one."""
    found = []
    for name, _ in routes.addresses():
        route = routes.declared(name)
        if NO_PAGE.match(name) or not route.tried or route.is_button or route.sends_only or name not in routes.ROUTES:
            continue
        address = reverse(name, kwargs=routes.ARGUMENTS[route.of](office.own) if route.of else None)
        filled = [q.format(item=office.own.item.pk, letter=office.own.letter.reference) for q in route.queries]
        found += [address, *(f"{address}?{query}" for query in filled[:2])]
    return found


@pytest.fixture
def office(reference, live_server) -> world.World:
    return world.make()


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_every_page_passes_axe_and_fits_a_phone(page, live_server, office, violations, part):
    readers = {role: Client() for role in Role.values}
    for role, client in readers.items():
        client.force_login(office.people[role])
    problems, seen = [], set()
    for path in pages(office)[part::PARTS]:
        here: list[str] = []  # who was shown a page
        for role, client in reversed(readers.items()):
            answer = client.get(path)
            if not answer.headers["Content-Type"].startswith("text/html") or "Location" in answer.headers:
                continue
            shape = Shape(answer.content.decode())
            problems += [f"{role} at {path}: {one}" for one in shape.odd]
            new = not shape.seen <= seen
            if new or not here:
                session = {
                    "name": settings.SESSION_COOKIE_NAME,
                    "value": client.session.session_key,
                    "url": live_server.url,
                }
                page.context.add_cookies([session])
                found = faults(page, live_server.url + path, violations, new=new)
                problems += [f"{role} at {path}{one}" for one in found]
            seen |= shape.seen
            here.append(role)
    assert not problems, "\n" + "\n".join(problems)


def faults(page, address: str, violations, *, new: bool = True) -> list[str]:
    """What is wrong with this page at a desk by day, then on a phone at night; of one with nothing new, if it fits."""
    found = []
    for size, scheme in ((DESK, "light"), (PHONE, "dark"))[not new :]:
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=scheme)
        if size is DESK or not new:
            page.goto(address)
        if new:
            found += [f" at {size['width']}: {one}" for one in violations(() if size is DESK else ON_A_PHONE)]
    wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    # the gallery shows a word of eighty letters on purpose
    broken = [] if address.endswith("/gallery/") else page.evaluate(BROKEN_WORDS)
    if wider or broken:
        found.append(f" at 320: {wider} px too wide, broken words: {broken[:8]}")
    return found
