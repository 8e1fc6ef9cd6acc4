"""Whistles at the window (吹哨报到): who blows, passes, approves, comes, answers, rates; a department sees little."""
