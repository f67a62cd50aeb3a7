"""A table of S-parameters under a name of its own in netlists."""

from typing import Any

from circuits.component import Component
from circuits.components import Model
from circuits.s_parameters import SParameters


def measured_model(s: SParameters) -> Model:
    """Return what a name stands for, for ``Circuit(netlist, models={"mmi": measured_model(s)})``.

    Beside its own names the ports are o1, o2, … in their order.
    """

    def build(**settings: Any) -> Component:
        if settings:
            raise ValueError(
                f"measured S-parameters have no settings; got {', '.join(settings)}. For another "
                f"part give another table."
            )
        return s

    aliases = {f"o{i}": port for i, port in enumerate(s.ports, start=1)}
    return Model(build, None, {name: port for name, port in aliases.items() if name not in s.ports})
