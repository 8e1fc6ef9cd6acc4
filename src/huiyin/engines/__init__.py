"""The real PostgreSQL and the real nats-server that this machine can run by itself, from wheels."""
