"""A session between two families (调解会): the screen on the table, minutes, the draft, signing."""
