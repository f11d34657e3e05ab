"""What the scheduler and operators run: close the day, sweep, check, compare and repair."""
