"""Settings of a circuit put in where its instances use them: ``${settings.length}``.

A text that is one such expression becomes the value itself, of whatever kind; within a longer
text it becomes text. Dots lead into mappings and, by number, into lists. Settings may use other
settings, but not themselves. (This is the part of OmegaConf's interpolation that gdsfactory's
``.pic.yml`` files use.)
"""

import re
from collections.abc import Mapping
from typing import Any

from circuits.plain_data import MAX_DEPTH, Budget

_EXPRESSION = re.compile(r"\$\{\s*([^{}\s]*)\s*\}")


def uses_settings(value: Any) -> bool:
    """Whether there is a ``${…}`` anywhere in plain data."""
    if isinstance(value, str):
        return "${" in value
    if isinstance(value, dict):
        return any(uses_settings(item) for item in value.values())
    return isinstance(value, list) and any(uses_settings(item) for item in value)


def filled(value: Any, settings: Mapping[str, Any], where: str, budget: Budget) -> Any:
    """Copy of plain data with every ``${settings.…}`` put in.

    ``where`` begins the errors: ValueError for an expression that cannot be read, a setting that
    does not exist, settings that use each other in a circle, or more values than the budget has.
    """
    return _Filler(settings, where, budget).fill(value, (), MAX_DEPTH)


class _Filler:
    def __init__(self, settings: Mapping[str, Any], where: str, budget: Budget) -> None:
        self._settings = settings
        self._where = where
        self._budget = budget

    def fill(self, value: Any, using: tuple[str, ...], depth: int) -> Any:
        """Fill ``value``, met while the expressions ``using`` are being put in."""
        self._budget.spend(1, self._where.rstrip(": "))
        if depth == 0:
            raise ValueError(f"{self._where}settings use settings more than {MAX_DEPTH} deep.")
        if isinstance(value, dict):
            return {key: self.fill(item, using, depth - 1) for key, item in value.items()}
        if isinstance(value, list):
            return [self.fill(item, using, depth - 1) for item in value]
        if isinstance(value, str) and "${" in value:
            return self._text(value, using, depth)
        return value

    def _text(self, text: str, using: tuple[str, ...], depth: int) -> Any:
        whole = _EXPRESSION.fullmatch(text)
        if whole:
            return self._setting(whole[1], using, depth)
        pieces = []
        end = 0
        for match in _EXPRESSION.finditer(text):
            pieces += [text[end : match.start()], self._spelled(match[1], using, depth)]
            end = match.end()
        pieces.append(text[end:])
        if any("${" in piece for piece in pieces):
            raise ValueError(
                f"{self._where}{text!r} cannot be read. Write ${{settings.name}} for a setting."
            )
        # Text that doubles in every setting is counted, like any other value.
        self._budget.spend(sum(map(len, pieces)), self._where.rstrip(": "))
        return "".join(pieces)

    def _spelled(self, path: str, using: tuple[str, ...], depth: int) -> str:
        value = self._setting(path, using, depth)
        if isinstance(value, (dict, list)):
            raise ValueError(
                f"{self._where}${{{path}}} is a list or a mapping and has no place within a text. "
                f"Write it alone."
            )
        return str(value).lower() if isinstance(value, bool) else str(value)

    def _setting(self, path: str, using: tuple[str, ...], depth: int) -> Any:
        if path in using:
            circle = " → ".join((*using[using.index(path) :], path))
            raise ValueError(f"{self._where}settings use each other in a circle: {circle}.")
        root, *steps = path.split(".")
        if root != "settings" or not steps:
            raise ValueError(
                f"{self._where}${{{path}}} is not known (an instance may use the settings of its "
                f"circuit). Write ${{settings.name}}."
            )
        using = (*using, path)
        value: Any = self._settings
        for step in steps:
            if isinstance(value, str):
                value = self.fill(value, using, depth - 1)
            value = self._step(value, step, path)
        return self.fill(value, using, depth - 1)

    def _step(self, value: Any, step: str, path: str) -> Any:
        if isinstance(value, Mapping) and step in value:
            return value[step]
        if isinstance(value, list) and step in map(str, range(len(value))):
            return value[int(step)]
        names = ", ".join(map(repr, value)) if isinstance(value, Mapping) and value else "none"
        raise ValueError(
            f"{self._where}${{{path}}} names no setting: there is no {step!r}; there: {names}."
        )
