"""States as letters and press releases print them: TN, Tenn., Tennessee."""

import re

# code, name, then other abbreviations in use (AP style among them)
_STATES = """
AL Alabama|Ala; AK Alaska; AZ Arizona|Ariz; AR Arkansas|Ark; CA California|Calif; CO Colorado|Colo; CT Connecticut|Conn;
DE Delaware|Del; DC District of Columbia; FL Florida|Fla; GA Georgia; HI Hawaii; ID Idaho; IL Illinois|Ill; IN Indiana|Ind;
IA Iowa; KS Kansas|Kan|Kans; KY Kentucky; LA Louisiana; ME Maine; MD Maryland; MA Massachusetts|Mass; MI Michigan|Mich;
MN Minnesota|Minn; MS Mississippi|Miss; MO Missouri; MT Montana|Mont; NE Nebraska|Neb|Nebr; NV Nevada|Nev;
NH New Hampshire; NJ New Jersey; NM New Mexico|NMex; NY New York; NC North Carolina|NCar; ND North Dakota|NDak; OH Ohio;
OK Oklahoma|Okla; OR Oregon|Ore; PA Pennsylvania|Penn|Penna; RI Rhode Island; SC South Carolina|SCar; SD South Dakota|SDak;
TN Tennessee|Tenn; TX Texas|Tex; UT Utah; VT Vermont; VA Virginia; WA Washington|Wash; WV West Virginia|WVa;
WI Wisconsin|Wis|Wisc; WY Wyoming|Wyo; PR Puerto Rico; GU Guam; VI Virgin Islands; AS American Samoa;
MP Northern Mariana Islands
"""


def _key(words: str) -> str:
    return re.sub(r"[^a-z]", "", words.lower())


STATES: dict[str, str] = {}  # code: name
_CODES: dict[str, str] = {}  # any way to print it: code
for _entry in _STATES.replace("\n", " ").split(";"):
    _code, _names = _entry.strip().split(" ", 1)
    STATES[_code] = _names.split("|")[0]
    _CODES |= {_key(name): _code for name in (_code, *_names.split("|"))}


def state_code(printed: str) -> str:
    """ "Tenn." is TN; empty for what is no state."""
    return _CODES.get(_key(printed), "")
