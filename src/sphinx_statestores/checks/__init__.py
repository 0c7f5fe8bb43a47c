"""A registry, and what people, programs and servers say of its stores -> problems."""
