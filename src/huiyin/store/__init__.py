"""What is kept (PostgreSQL): the log, the views it folds to, the inbox, the vault, the registry."""
