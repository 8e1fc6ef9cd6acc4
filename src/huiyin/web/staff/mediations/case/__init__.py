"""One mediation's page (调解案件页) and its orders by form: for who mediates it, and for the committee's desk."""
