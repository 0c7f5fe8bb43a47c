"""Registry + questions -> blocks: what pages show, as values that know no writer."""
