"""The committee itself behind its windows: members, register, roster, rooms."""
