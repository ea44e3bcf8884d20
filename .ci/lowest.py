"""Prints constraints for pip: every requirement of the given files at the lowest version that it allows.

python .ci/lowest.py requirements.txt > lowest.txt
python -m pip install --constraint lowest.txt dist/*.whl
"""

import re
import sys
from pathlib import Path

REQUIREMENT = re.compile(r"^([\w-]+)\s*>=\s*([\w.]+)")


def lowest(text: str) -> list[str]:
    """``name==version`` for each line of a requirements file that has a lower bound.

    >>> lowest("-r other.txt\\nnumpy>=2.1,<2.5   # arrays")
    ['numpy==2.1']
    """
    found = [REQUIREMENT.match(line) for line in text.splitlines() if line.strip() and line[0] not in "#-"]
    if not all(found):
        raise SystemExit("expected a lower bound, name>=version, in every line")
    return [f"{match[1]}=={match[2]}" for match in found if match]


if __name__ == "__main__":
    for path in sys.argv[1:]:
        print(*lowest(Path(path).read_text()), sep="\n")
