"""How it travels (NATS JetStream): subjects, envelopes, the consume loop, the relay."""
