"""A registry and questions -> blocks: the content of pages, independent of any writer."""
