"""Tests. Their folders mirror those of the package; what belongs to no folder of it has one of its own here."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent  # of the repository
