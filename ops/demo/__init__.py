"""A seeded simulation of two districts, and its way into a database."""

from ops.demo.accounts import DemoUser
from ops.demo.seeding import DemoConflictError, DemoWorld, seed_demo

__all__ = ["DemoConflictError", "DemoUser", "DemoWorld", "seed_demo"]
