"""The windows of mediation (人民调解): a mediator's day, a case, the table between two families, the committee."""
