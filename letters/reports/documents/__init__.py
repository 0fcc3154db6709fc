"""The documents that the site writes as DOCX and PDF; each has templates that an office may replace by its own."""

from letters.reports.documents.follow_up import FOLLOW_UP
from letters.reports.documents.meeting_brief import MEETING_BRIEF
from letters.reports.typeset import Document

__all__ = ["DOCUMENTS", "FOLLOW_UP", "MEETING_BRIEF"]

DOCUMENTS: dict[str, Document] = {one.name: one for one in (FOLLOW_UP, MEETING_BRIEF)}
