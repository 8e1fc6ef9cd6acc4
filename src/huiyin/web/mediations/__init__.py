"""The API of mediation (人民调解): its desk and mediators by account, its parties by a code of their own."""
