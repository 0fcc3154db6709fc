"""Steps of sweeping, sending and making reports at which a test may kill the process, to prove that nothing is lost or doubled.

FAULT_AT names one (tracker/env.py); unset, as everywhere but in tests, no step does anything.
"""

STEPS: dict[str, str] = {
    "sweep.locked": "some items are locked, and nothing about them is written",
    "sweep.recorded": "that their dates passed is written, and not committed",
    "sweep.fired": "their reminders and notices are written, and not committed",
    "sweep.committed": "they are committed, and others may be left",
    "sweep.done": "the round is over, and not noted",
    "compose.locked": "the notices of one person are locked, and no mail is written",
    "compose.written": "their mail is written, and not committed",
    "compose.committed": "their mail is committed, and not sent",
    "send.claimed": "a mail is taken, and the server knows nothing of it",
    "send.refreshed": "it was asked again whether the mail is still so, and it is not handed over yet",
    "send.refused": "the server has said no, or is away, and that is not committed",
    "send.accepted": "the server has said yes, and we have not noted it",
    "send.noted": "that it is sent is noted",
    "dispatch.done": "the round is over, and not noted",
    "report.claimed": "a report is taken, and nothing of it is read",
    "report.part": "some of its rows are written, and how far it is is said",
    "report.kept": "its files and its mails are written, and not committed",
    "report.done": "it is made",
}
