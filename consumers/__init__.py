"""One file is one durable consumer is one sentence."""
