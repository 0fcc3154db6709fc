"""The table of rights as Markdown, for docs/rights.md."""

from letters.domain.rights import KEYS, rows
from letters.enums import Role


def as_markdown() -> str:
    """All of `letters.domain.rights`, and nothing else."""
    roles = [str(role.label) for role in Role]
    lines = [
        "# Who may do what",
        "",
        "<!-- made by: manage.py print_rights -->",
        "",
        f"| | {' | '.join(roles)} |",
        f"|---|{'---|' * len(roles)}",
        *(f"| {words} | {' | '.join(cells)} |" for words, cells in rows()),
        "",
        "*Where named*: only with letters that name this person as staff. A restricted letter is absent for everybody else: no page, no list, no count, no search, no file.",
        "",
        "| who asks without a role | what they may |",
        "|---|---|",
        *(f"| {who} | {what} |" for who, what in KEYS),
        "",
    ]
    return "\n".join(lines)
