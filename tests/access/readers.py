"""Who reads, with which rights, and which of them has to be asked for an address: who may get what no other one does."""

from letters.domain.access import ADMINISTER, EDIT, RELEASE, RESTRICT, VIEW
from tests.access import routes

PEOPLE = ("viewer", "staff", "named", "manager", "admin")
KEYS = ("office", "released")
# Who may not see the restricted letter.
BLIND = ("anonymous", "viewer", "staff", *KEYS)
HOLDS = {
    VIEW: PEOPLE,
    EDIT: ("staff", "named", "manager", "admin"),
    RELEASE: ("manager", "admin"),
    ADMINISTER: ("admin",),
    routes.SIGNED_IN: PEOPLE,
    routes.ADMIN_SITE: ("admin",),
}

# Of each right, the last who lacks it and the first who holds it are asked: whoever comes after reads the same.
FIRST_OR_LAST = {
    "manager": (RELEASE, RESTRICT, ADMINISTER, routes.ADMIN_SITE),
    "admin": (ADMINISTER, routes.ADMIN_SITE, routes.KEY_WRITES),  # nobody writes to the API by being signed in
}


def is_asked(name: str, route: routes.Route, whose: str, address: str, *, sends: bool) -> bool:
    """Each reader is asked for each address of each letter: a page may fail for one alone. With a query, or by sending,
    only where the answer may differ."""
    if sends:
        return differs_sent(name, route, whose, address)
    return "?" not in address or differs(name, route, whose, address)


def differs(name: str, route: routes.Route, whose: str, address: str) -> bool:
    """Whether this reader may get what no other one does. Of letters that all may see, whose it is says nothing to
    a viewer, and the other letter is to who is named on the restricted one what their own is to staff."""
    by_key = route.right in (routes.KEY, routes.KEY_WRITES)
    if "?" in address and not reads_queries(name, route):
        return False
    if name == "viewer" or (name == "office" and by_key):
        return whose != "own"
    if name in ("anonymous", *KEYS) and not by_key:
        return whose not in ("own", "other") or route.right == routes.OPEN
    if name == "anonymous":
        return whose != "other"
    if name == "named":
        return whose not in ("own", "other")
    if name == "manager":
        return whose not in ("own", "other") or route.right in FIRST_OR_LAST[name]
    if name == "admin":
        return (
            whose == ""
            or (whose == "restricted" and route.right in (VIEW, RESTRICT, routes.KEY))
            or route.right in FIRST_OR_LAST[name]
        )
    return True


def differs_sent(name: str, route: routes.Route, whose: str, address: str) -> bool:
    """The same of what is sent: tried once for a letter one sees, once for one that is hidden."""
    if "?" in address or whose == "other":
        return False
    if name == "named":
        return whose == "restricted"
    return name not in FIRST_OR_LAST or route.right in FIRST_OR_LAST[name]


def reads_queries(name: str, route: routes.Route) -> bool:
    """With its queries a page is read by who has the fewest rights to see it and to change it, and as the one who sees
    the hidden letter reads it. Which letters are shown asks for no difference between a viewer and staff."""
    if name == "viewer":
        return route.right not in (VIEW, routes.KEY)
    return name not in ("manager", "admin") or "named" not in HOLDS.get(route.right, ())
