"""A registry of six services as values that tests edit, and a site around it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conftest import Site

SERVICES = ("Auth", "Account", "Connect", "Quest", "Realm", "Voice")


def stores() -> dict[str, dict[str, str]]:
    """A registry of three stores for each of six services."""
    found = {}
    for service in SERVICES:
        for feature in ("statestore", "lock", "archive"):
            backend = "mysql" if feature == "archive" else "redis"
            purpose = f"{feature.title()} of {service}"
            found[f"{service.lower()}-{feature}"] = {"backend": backend, "service": service, "purpose": purpose}
    return found


def as_yaml(registry: dict[str, dict[str, str]]) -> str:
    """Write a registry."""
    lines = ["x-state-stores:"] if registry else ["x-state-stores: {}"]
    for name, fields in registry.items():
        lines += [f"  {name}:", *(f"    {key}: {value}" for key, value in fields.items())]
    return "\n".join(lines) + "\n"


def write_pages(site: Site) -> None:
    """Write a site of ten pages: all stores, one page a service with links to another, counts, prose."""
    site.conf("statestores_service_pages = 'services/{lower}'\nsuppress_warnings = ['statestores']\n")
    site.registry(as_yaml(stores()))
    listed = ["all", *(f"services/{service.lower()}" for service in SERVICES), "numbers", "prose", "links"]
    site.write("index.rst", "Top\n===\n\n.. toctree::\n\n   " + "\n   ".join(listed) + "\n")
    site.write("all.rst", "All\n===\n\n.. statestore-table::\n   :totals:\n")
    for service, other in zip(SERVICES, SERVICES[1:] + SERVICES[:1], strict=True):
        site.write(
            f"services/{service.lower()}.md",
            f"# {service}\n\n```{{statestore-table}}\n:service: {service}\n```\n\n{{store}}`{other.lower()}-lock`\n",
        )
    site.write("numbers.md", "# Numbers\n\n{store-count}`backend=redis`\n\n```{statestore-conventions}\n```\n")
    site.write("prose.rst", "Prose\n=====\n\nNothing about stores.\n")
    site.write("links.rst", "Links\n=====\n\n:store:`auth-lock` :store:`quest-archive`\n")
