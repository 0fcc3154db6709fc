"""What an import did, in numbers and words."""

from dataclasses import dataclass, field


@dataclass
class Applied:
    """What an import did, or would do."""

    new: int = 0
    items: int = 0
    replies: int = 0
    here: int = 0
    left_out: int = 0
    references: list[str] = field(default_factory=list)  # the first and the last
    known: dict[str, str] = field(default_factory=dict)  # as `looking_up.KNOWN`

    def words(self) -> str:
        """One line."""
        span = ""
        if self.references:
            first, last = self.references[0], self.references[-1]
            span = f" ({first})" if first == last else f" (first {first}, last {last})"
        parts = [
            f"{self.new:,} new {'letter' if self.new == 1 else 'letters'}{span}, {self.items:,} {'item' if self.items == 1 else 'items'}"
        ]
        parts.append(f"{self.replies:,} {'reply' if self.replies == 1 else 'replies'}")
        if self.here:
            parts.append(f"{self.here:,} already here")
        if self.left_out:
            parts.append(f"{self.left_out:,} left out with problems")
        return "; ".join(parts)
