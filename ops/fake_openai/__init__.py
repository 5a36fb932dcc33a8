"""A provider of models on this machine: speaks the OpenAI protocol, answers by rule or by script, costs nothing."""
