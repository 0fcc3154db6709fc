"""What is wrong with a row, or worth a look: a sentence at its place, and whether the letter can come in regardless."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """`field` is a code of `columns`, or nothing for the row as a whole. `blocks`: the letter stays out until it is mended."""

    row: int
    field: str
    words: str
    blocks: bool = True

    def as_json(self) -> dict[str, str | bool]:
        """As `ImportRow.findings` keeps it."""
        return {"field": self.field, "words": self.words, "blocks": self.blocks}
