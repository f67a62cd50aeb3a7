"""Devices wired together: switch schedules and the time-multiplexed loop."""

from circuits.switch_schedule import SwitchSchedule
from circuits.time_multiplexed_loop import TimeMultiplexedLoop

__all__ = ["SwitchSchedule", "TimeMultiplexedLoop"]
