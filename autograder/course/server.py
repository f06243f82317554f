"""A Jupyter Server extension: Formgrader's pages of submissions, and the policy that browsers enforce on them.

The policy is the second wall behind the filters of `autograder.course.pages`: were one passed, a script could still
load nothing from another host and send nothing there.
"""

from typing import Any

# JupyterLab and Formgrader need inline scripts and eval; everything comes from the server itself. JupyterLab shows HTML
# files, feedback among them, in a frame made of a blob, which is held to this policy, too.
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self' ws: wss:; worker-src 'self' blob:; "
    "frame-src 'self' blob:; frame-ancestors 'self'; base-uri 'self'; form-action 'self'; object-src 'none'"
)


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    """Tell Jupyter where the extension is."""
    return [{"module": "autograder.course.server"}]


def _load_jupyter_server_extension(server: Any) -> None:
    """Set the policy, unless the server's owner has set one, and answer for Formgrader where it shows submissions.

    Jupyter loads extensions in the order of their names: this one before nbgrader's.
    """
    from autograder.course.pages.formgrader import replace_handlers  # noqa: PLC0415 - once there is a server

    replace_handlers(server.web_app)
    server.web_app.settings.setdefault("headers", {}).setdefault("Content-Security-Policy", POLICY)
