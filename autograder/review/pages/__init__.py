"""The review's pages: a Jupyter Server extension beside Formgrader, guarded by Jupyter's own login, token and XSRF.

This module is what Jupyter asks for by name; what the pages need is imported only when a server starts.
"""

from typing import Any


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    """Tell Jupyter where the extension is."""
    return [{"module": "autograder.review.pages"}]


def _load_jupyter_server_extension(server: Any) -> None:
    """Add the pages' addresses to the server."""
    from autograder.review.pages.extension import add_pages  # noqa: PLC0415 - once there is a server to add them to

    add_pages(server.web_app)


async def _start_jupyter_server_extension(server: Any) -> None:
    """Link Formgrader's pages to ours, once every extension is there, and read what will be asked for first."""
    from autograder.review.pages.extension import link_formgrader, read_ahead  # noqa: PLC0415

    link_formgrader(server.web_app)
    await read_ahead(server.web_app)
