"""Reading YAML files of our own."""

from pathlib import Path
from typing import Any

import yaml


def read(path: Path) -> Any:
    """The content of a YAML file, by libyaml: as safe as PyYAML's own parser, and ten times faster.

    Raises OSError, UnicodeDecodeError, and yaml.YAMLError with the line.
    """
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
