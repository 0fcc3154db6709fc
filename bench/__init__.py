"""How fast, as ratios taken in one run: `make bench`. What each module measures is in docs/bench.md."""
