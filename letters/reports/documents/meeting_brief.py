"""The meeting brief as a document: what its DOCX template says, a sample to try templates on, its parts in words."""

from pathlib import Path

from letters.reports.brief_items import BriefLetter, Inside, Item, Said
from letters.reports.brief_promises import Promise
from letters.reports.meeting_brief import HEADS, Brief, Check, Ended, Pointer
from letters.reports.typeset import Document

TEST_SAID = Said(
    "Interim reply by letter, received May 9, 2026, from TEST", "TEST words of theirs", "TEST reading", "TEST ask"
)
SAMPLE = Brief(
    version="ours", banner="Ours: stays in the office", title="Meeting with TEST", heads=HEADS[True], office="TEST Senator", agency="TEST agency",
    official="TEST Holder, TEST Secretary: holds the post since May 1, 2025.", day="May 25, 2026",
    counted="Days are counted to the day of the meeting.", as_of="The record is as of May 24, 2026.",
    summary="1 open item from 1 letter.", verify=[Check("TEST nobody has read this. It is about:", [Pointer("TEST item", "TEST", "last touched May 1, 2026")])], official_said=[TEST_SAID], official_words="TEST only the latest words",
    letters=[
        BriefLetter(
            "Our letter of May 1, 2026 to TEST: “TEST subject”", "TEST-1",
            [
                Item(
                    1, "TEST words", True, "TEST Company", "Asked on May 1, 2026, 24 days ago.", "You told us to expect it by May 20, 2026, 5 days ago.",
                    [TEST_SAID], "TEST no reply recorded", ["We called about this on May 9, 2026."], "Of the 2 questions, 1 was answered; this one remains:", ["2. TEST question?"],
                    Inside("00000000-0000-0000-0000-000000000000", "TEST item", "Looking into it", "TEST days past", "TEST owner", "TEST question to ask?", "chased once", ["TEST note"]),
                )
            ],
            "2026-0001", "co-led by us", ["TEST note"],
        )
    ],
    more="1 more open item is not shown.", promises=[Promise("TEST item", "promised for May 20, 2026", "5 days ago; not done in our record")], promises_words="TEST of what these are",
    contacts="Chased once, last May 9, 2026.", calls=["Call on May 9, 2026: TEST"], whom_to_call="TEST contact",
    closed=[Ended("TEST item", "done (listed), May 2, 2026")], closed_words="TEST only the latest", nothing="TEST nothing is open",
)  # fmt: skip
# What our template of the DOCX says, a paragraph a line: style, then words.
SAID = [
    ("", "{%p if said.words %}"), ("quote", "“{{ said.words }}”"), ("", "{%p endif %}"), ("in2", "{{ said.citation }}."),
    ("", "{%p if said.remark %}"), ("in2", "Our reading: {{ said.remark }}."), ("", "{%p endif %}"),
]  # fmt: skip
PARAGRAPHS = [
    ("", "{%p if banner %}"), ("bold", "{{ banner|upper }}"), ("", "{%p endif %}"),
    ("h1", "{{ title }}"), ("bold", "{{ day }}"),
    ("", "{%p if version == 'theirs' and office %}"), ("", "From the office of {{ office }}."), ("", "{%p endif %}"),
    ("", "{{ counted }} {{ as_of }}"),
    ("", "{%p if official %}"), ("", "{{ official }}"), ("", "{%p endif %}"),
    ("", "{%p if verify %}"), ("h2", "{{ heads.verify }}"), ("", "{%p for check in verify %}"),
    ("in", "{{ check.words }}"), ("", "{%p for one in check.about %}"), ("in2 bold tight", "{{ one.title }}{% if one.last %}, {{ one.last }}{% endif %}"), ("", "{%p endfor %}"),
    ("", "{%p endfor %}"), ("", "{%p endif %}"),
    ("", "{%p if official_said %}"), ("h2", "{{ heads.official }}"), ("", "{%p for said in official_said %}"),
    ("", "On {{ said.about }}"), *SAID, ("", "{%p endfor %}"),
    ("", "{%p if official_words %}"), ("", "{{ official_words }}"), ("", "{%p endif %}"), ("", "{%p endif %}"),
    ("h2", "{{ heads.open }}"),
    ("", "{%p if nothing %}"), ("", "{{ nothing }}"), ("", "{%p endif %}"),
    ("", "{%p if summary %}"), ("", "{{ summary }}"), ("", "{%p endif %}"),
    ("", "{%p for letter in letters %}"),
    ("h3", "{{ letter.heading }}"),
    ("", "{%p if letter.reference %}"), ("tight", "{{ letter.reference }}{% if letter.part %}, {{ letter.part }}{% endif %}"), ("", "{%p endif %}"),
    ("", "{%p if letter.control %}"), ("tight", "{% if version == 'ours' %}Their{% else %}Your{% endif %} number: {{ letter.control }}"), ("", "{%p endif %}"),
    ("", "{%p for note in letter.notes %}"), ("", "Note: {{ note }}"), ("", "{%p endfor %}"),
    ("", "{%p for item in letter.asks %}"),
    ("in", "{{ item.number }}. {% if item.is_quote %}“{{ item.words }}”{% else %}{{ item.words }}{% endif %}"),
    ("", "{%p if item.inside %}"), ("in2", "{{ item.inside.title }}. {{ item.inside.status }}; {{ item.inside.waits }}."), ("", "{%p endif %}"),
    ("in2", "{{ item.asked }}{% if item.date %} {{ item.date }}{% endif %}{% if item.about %} About {{ item.about }}.{% endif %}"),
    ("", "{%p if item.inside %}"), ("in2", "Owner: {{ item.inside.owner }}; {{ item.inside.calls }}."), ("", "{%p endif %}"),
    ("", "{%p for said in item.said %}"), *SAID, ("", "{%p endfor %}"),
    ("", "{%p if item.no_reply %}"), ("in2", "{{ item.no_reply }}"), ("", "{%p endif %}"),
    ("", "{%p if item.questions %}"), ("in2", "{{ item.questions_words }}"), ("", "{%p endif %}"),
    ("", "{%p for line in item.questions %}"), ("in3", "{{ line }}"), ("", "{%p endfor %}"),
    ("", "{%p for line in item.calls %}"), ("in2", "{{ line }}"), ("", "{%p endfor %}"),
    ("", "{%p if item.inside %}"), ("", "{%p for note in item.inside.notes %}"), ("in2", "Note: {{ note }}"), ("", "{%p endfor %}"),
    ("in2 bold", "Ask: {{ item.inside.question }}"), ("", "{%p endif %}"),
    ("", "{%p endfor %}"),
    ("", "{%p endfor %}"),
    ("", "{%p if more %}"), ("", "{{ more }}"), ("", "{%p endif %}"),
    ("", "{%p if promises or promises_words %}"), ("h2", "{{ heads.promises }}"), ("", "{%p for promise in promises %}"),
    ("in", "{{ promise.words }}: {{ promise.promised }}; {{ promise.kept }}."), ("", "{%p endfor %}"), ("", "{{ promises_words }}"), ("", "{%p endif %}"),
    ("", "{%p if contacts %}"), ("h2", "{{ heads.contacts }}"), ("", "{{ contacts }}"), ("", "{%p for call in calls %}"), ("in", "{{ call }}"),
    ("", "{%p endfor %}"), ("", "{%p if whom_to_call %}"), ("", "Whom to call: {{ whom_to_call }}"), ("", "{%p endif %}"), ("", "{%p endif %}"),
    ("", "{%p if closed %}"), ("h2", "{{ heads.closed }}"), ("", "{%p for ended in closed %}"), ("in", "{{ ended.words }}: {{ ended.outcome }}"),
    ("", "{%p endfor %}"), ("", "{%p if closed_words %}"), ("", "{{ closed_words }}"), ("", "{%p endif %}"), ("", "{%p endif %}"),
]  # fmt: skip
PARTS = [
    ("version", "“ours” or “theirs”: one template makes both; of the second everything internal is empty"),
    ("banner", "what ours says of itself; empty in the one to hand over"),
    ("title, office, agency, official, day", "one line each"),
    ("heads", "the titles of the chapters: verify, official, open, promises, contacts, closed"),
    ("counted, as_of, summary, more, nothing", "sentences; empty where there is nothing to say"),
    ("verify", "ours: what to look at first; each: words, and about: each title and last"),
    (
        "official_said",
        "what the official said; each: about (as printed: the letter’s own words come with their quotation marks), words, citation, remark (ours)",
    ),
    ("official_words", "that there are more, where only the latest are shown"),
    (
        "letters",
        "each letter: heading, control (their number), asks; in ours also reference, part (what part we had in it, and whether only named staff may see it) and notes (lines)",
    ),
    (
        "asks of a letter",
        "each: number, words, is_quote (they are the letter’s own), about, asked, date, said (as official_said), no_reply (that none came; empty where the status says so), questions_words, questions (lines), calls (lines), and inside",
    ),
    ("inside of an ask", "ours: title, status, waits, owner, calls, notes (lines), question; nothing in the other"),
    (
        "promises, promises_words",
        "each: words (as printed, like about), promised, kept; of which items these are, also where none is shown",
    ),
    ("contacts, calls, whom_to_call", "ours: a sentence, lines, words"),
    ("closed, closed_words", "what ended in the last year; each: words (as printed, like about), outcome"),
]

MEETING_BRIEF = Document(
    name="meeting_brief", title="The meeting brief", source=Path(__file__).with_suffix(".typ"), paragraphs=PARAGRAPHS,
    sample=SAMPLE, parts=PARTS, numbered=True,
)  # fmt: skip
