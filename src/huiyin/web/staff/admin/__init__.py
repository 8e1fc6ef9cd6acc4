"""Administration (管理): posts and who holds them, accounts, dead letters, the rulebook, calendars, the system."""
