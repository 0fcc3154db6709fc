"""The follow-up letter as a document: what its DOCX template says, a sample to try templates on, its parts in words."""

from pathlib import Path

from letters.reports.follow_up import Asked, Earlier, FollowUp
from letters.reports.typeset import Document

SAMPLE = FollowUp(
    date="May 25, 2026", addressee=["The Secretary of TEST", "Department of TEST"], salutation="Dear Secretary of TEST:",
    subject="TEST follow-up", opening=["TEST opening."],
    letters=[Earlier("Our letter of May 1, 2026 to the Secretary of TEST", "May 1, 2026", "TEST subject", "the Secretary of TEST", "TEST-1", [Asked(1, "TEST words", True, "Asked on May 1, 2026, 24 days ago.", ["We have recorded no reply of yours."], "You have answered 1 of the 2 questions, and not this one:", ["2. TEST question?"])], ["We called about this on May 9, 2026."])],
    reply_by="We ask for a reply by June 1, 2026.", closing=["Sincerely,"], signers=["TEST Senator"], contact=["Our contact: TEST"],
)  # fmt: skip
# What our template of the DOCX says, a paragraph a line: style, then words.
PARAGRAPHS = [
    ("", "{%p if banner %}"), ("bold", "{{ banner }}"), ("", "{%p endif %}"),
    ("", "{{ date }}"),
    ("", "{%p for line in addressee %}"), ("tight", "{{ line }}"), ("", "{%p endfor %}"),
    ("bold", "Re: {{ subject }}"), ("", "{{ salutation }}"),
    ("", "{%p for line in opening %}"), ("", "{{ line }}"), ("", "{%p endfor %}"),
    ("", "{%p for letter in letters %}"),
    ("bold", "{{ letter.heading }}, “{{ letter.subject }}”{% if letter.control %} (your number {{ letter.control }}){% endif %}"),
    ("", "{%p for ask in letter.asks %}"),
    ("in", "{{ ask.number }}. {% if ask.is_quote %}“{{ ask.words }}”{% else %}{{ ask.words }}{% endif %}"), ("in", "{{ ask.waited }}"),
    ("", "{%p for line in ask.heard %}"), ("in", "{{ line }}"), ("", "{%p endfor %}"),
    ("", "{%p if ask.questions %}"), ("in", "{{ ask.questions_words }}"), ("", "{%p endif %}"),
    ("", "{%p for line in ask.questions %}"), ("in2", "{{ line }}"), ("", "{%p endfor %}"),
    ("", "{%p endfor %}"),
    ("", "{%p for line in letter.contacts %}"), ("", "{{ line }}"), ("", "{%p endfor %}"),
    ("", "{%p endfor %}"),
    ("", "{%p if reply_by %}"), ("", "{{ reply_by }}"), ("", "{%p endif %}"),
    ("", "{%p for line in closing %}"), ("", "{{ line }}"), ("", "{%p endfor %}"),
    ("", ""),
    ("", "{%p for line in signers %}"), ("tight", "{{ line }}"), ("", "{%p endfor %}"),
    ("", ""),
    ("", "{%p for line in contact %}"), ("tight", "{{ line }}"), ("", "{%p endfor %}"),
]  # fmt: skip
PARTS = [
    ("date", "the day it is printed"),
    ("addressee", "lines: whom it is to, and the address"),
    ("salutation, subject", "one line each"),
    ("opening, closing", "paragraphs"),
    (
        "letters",
        "each earlier letter: heading (whose letter, of when, to whom), date, subject, to, control (their number), asks, contacts (lines)",
    ),
    (
        "asks of a letter",
        "each: number, words, is_quote (they are the letter’s own), waited (when asked, and how long ago), heard (lines), questions_words and questions (lines: those not answered)",
    ),
    ("reply_by", "the sentence with the date it sets; empty when it sets none"),
    ("signers, contact", "lines"),
    ("banner", "on paper of the demo, that it is one; else empty"),
]

FOLLOW_UP = Document(
    name="follow_up", title="The follow-up letter", source=Path(__file__).with_suffix(".typ"), paragraphs=PARAGRAPHS,
    sample=SAMPLE, parts=PARTS,
)  # fmt: skip
