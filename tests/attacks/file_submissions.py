"""Submissions that attack by what is handed in: files, their names, and the notebook's metadata."""

import copy
import os
from pathlib import Path

from handing_in import HONEST, NAME, RIGHT, grade_cells, hands_in, with_code
from scratch import ASSIGNMENT


@hands_in("link-to-another")
def link_to_another(folder, notebook):
    """Hand in a link to somebody else's notebook."""
    (folder / NAME).symlink_to(f"../../{HONEST[0]}/{ASSIGNMENT}/{NAME}")


@hands_in("link-to-gradebook")
def link_to_gradebook(folder, notebook):
    """Hand in links to the gradebook and to the instructor's solution as data files."""
    (folder / "data.csv").symlink_to("../../../gradebook.db")
    (folder / "all").symlink_to("../../../source")
    (folder / "breast_cancer.csv").symlink_to("../../../nbgrader_config.py")
    return with_code(notebook, "print(open('breast_cancer.csv').read(), open('data.csv', 'rb').read())")


@hands_in("link-of-folder")
def link_of_folder(folder, notebook):
    """Hand in a link instead of a folder."""
    folder.rmdir()
    folder.symlink_to(f"../{HONEST[0]}/{ASSIGNMENT}")


@hands_in("pipe")
def pipe(folder, notebook):
    """Hand in a named pipe: who opens it waits for ever."""
    os.mkfifo(folder / NAME)
    os.mkfifo(folder / "timestamp.txt")


@hands_in("pipe-beside", RIGHT)
def pipe_beside(folder, notebook):
    """Hand in a named pipe beside the notebook."""
    os.mkfifo(folder / "breast_cancer.csv")
    return notebook


@hands_in("folder-as-notebook")
def folder_as_notebook(folder, notebook):
    """Hand in a folder of the notebook's name."""
    (folder / NAME).mkdir()


@hands_in("large", RIGHT)
def large(folder, notebook):
    """Hand in a sparse file of 100 GB."""
    with (folder / "data.bin").open("wb") as file:
        file.truncate(100 << 30)
    return notebook


@hands_in("many", RIGHT)
def many(folder, notebook):
    """Hand in thousands of links, files and folders beside the notebook."""
    for number in range(2_000):
        (folder / f"{number}.link").symlink_to(NAME)
        (folder / f"{number}.txt").touch()
        (folder / f"{number}").mkdir()
    return notebook


@hands_in("shadow-modules")
def shadow_modules(folder, notebook):
    """Hand in files that Python, pytest, IPython, Jupyter and nbgrader load by their names."""
    mark = f"open({str(folder.parents[2] / 'PLANTED')!r}, 'a').write(__file__)\nprint('PLANTED')\n"
    names = ("numpy.py", "conftest.py", "sitecustomize.py", "usercustomize.py", "ipykernel_launcher.py", "msgpack.py")
    more = ("nbgrader_config.py", "ipython_config.py", "jupyter_config.py", "autograder/__init__.py", "pytest.ini")
    hidden = (".ipython/profile_default/startup/00.py", "evil.pth", "test_cost.py", "inside/codec.py")
    for name in (*names, *more, *hidden):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(mark)
    return notebook


@hands_in("tags")
def tags(folder, notebook):
    """Tag the checks so that stock nbgrader does not run them, and gives full marks."""
    for cell in grade_cells(notebook):
        cell["metadata"]["tags"] = ["skip-execution", "raises-exception", "remove_cell", "hide_input"]
    return notebook


@hands_in("more-points")
def more_points(folder, notebook):
    """Let each check be worth a hundred points, and let it be nobody's."""
    for number, cell in enumerate(grade_cells(notebook)):
        cell["metadata"]["nbgrader"].update(points=[100, "many", -5, None, 1e999][number % 5], schema_version=99)
    return notebook


@hands_in("flags")
def flags(folder, notebook):
    """Turn the flags of the checks round: no grade, a solution, a task, not locked."""
    for cell in grade_cells(notebook):
        cell["metadata"]["nbgrader"].update(grade=False, solution=True, task=True, locked=False)
    return notebook


@hands_in("foreign-id")
def foreign_id(folder, notebook):
    """Rename the checks to cells that do not exist, or to each other's names."""
    cells = [cell for cell in grade_cells(notebook) if cell["cell_type"] == "code"]
    cells[0]["metadata"]["nbgrader"]["grade_id"] = "../../../etc/passwd"
    cells[1]["metadata"]["nbgrader"]["grade_id"] = cells[2]["metadata"]["nbgrader"]["grade_id"]
    return notebook


@hands_in("duplicates")
def duplicates(folder, notebook):
    """Hand in every check twice, first with full marks displayed; stock nbgrader stops the whole class."""
    for cell in [cell for cell in grade_cells(notebook) if cell["cell_type"] == "code"]:
        forged = {**copy.deepcopy(cell), "id": f"{cell['id']}-x", "source": "7.0"}
        notebook["cells"].insert(notebook["cells"].index(cell), forged)
        notebook["cells"].append({**copy.deepcopy(cell), "id": f"{cell['id']}-y", "source": "7.0"})
    return notebook


@hands_in("edited-checks")
def edited_checks(folder, notebook):
    """Replace the checks by their maximum, with outputs that say so, and make markdown of one."""
    result = {"output_type": "execute_result", "execution_count": 1, "data": {"text/plain": "7.0"}, "metadata": {}}
    for cell in [cell for cell in grade_cells(notebook) if cell["cell_type"] == "code"]:
        cell["source"], cell["outputs"] = cell["metadata"]["nbgrader"]["points"].__repr__(), [result]
    cell["cell_type"] = "markdown"
    return notebook


@hands_in("odd-names", RIGHT)
def odd_names(folder, notebook):
    """Hand in files whose names are markup, options, control sequences or no text."""
    for name in ("<script>alert(1)</script>.png"[:20], "-rf", "a\nb", "\x1b[2J.txt", "..\\up", "'; drop table grade"):
        (folder / name.replace("/", "_")).write_text("x")
    Path(os.fsdecode(os.fsencode(folder) + b"/\xff\xfe.py")).write_text("x")
    (folder / ("n" * 200)).write_text("x")
    return notebook


@hands_in("timestamp", RIGHT)
def timestamp(folder, notebook):
    """Hand in a time that is none."""
    (folder / "timestamp.txt").write_text("\x1b[2J99999-99-99 25:61 <script>" * 10)
    return notebook


@hands_in("timestamp-link", RIGHT)
def timestamp_link(folder, notebook):
    """Hand in a link as the time."""
    (folder / "timestamp.txt").symlink_to("../../../gradebook.db")
    return notebook
