"""What the bus hears of a mediation (调解有进展): that it went on, and not what happened."""

from msgspec import Struct


class Moved(Struct, frozen=True, tag_field="step", tag="mediation.moved.v1"):
    """A step was taken; which one, by whom and about whom stands in the log alone, as `mediation.<step>.v1`."""
