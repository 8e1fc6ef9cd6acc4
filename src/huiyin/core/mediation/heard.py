"""What the bus hears of a mediation (调解有进展): that it went on. What happened is for those whose case it is."""

from msgspec import Struct


class Moved(Struct, frozen=True, tag_field="step", tag="mediation.moved.v1"):
    """A step was taken; which one, by whom and about whom stands in the log alone, as `mediation.<step>.v1`."""
