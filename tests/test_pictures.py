"""Pictures that students show: those beside the notebook and those that an editor dropped are in its pages."""

import base64

import nbformat
import pytest
from test_html import rendered

from autograder.course.handed_in.handed_out import HandedOut
from autograder.course.handed_in.pictures import add_pictures
from autograder.course.handing_out.generate import _without_unseen
from autograder.sandbox.limits import PICTURES

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20
JPEG = b"\xff\xd8\xff" + b"1" * 20
HANDED = HandedOut(pictures={"neuron.png": {"image/png": "aVBOUg=="}})


def text(source):
    """Return a cell of text."""
    return {"cell_type": "markdown", "id": "a", "metadata": {}, "source": source}


def attached(folder, source, handed=HANDED):
    """Return what a cell's attachments become, and the notes."""
    cell = text(source)
    notes = add_pictures([cell], folder, handed)
    return cell.get("attachments", {}), notes


@pytest.mark.parametrize(
    ("source", "name", "data", "kind"),
    [
        ("![my sketch](sketch.png)", "sketch.png", PNG, "image/png"),
        ("![](photos/my%20answer.jpg)", "photos/my answer.jpg", JPEG, "image/jpeg"),
        ("see ![](<my answer.jpg>)", "my answer.jpg", JPEG, "image/jpeg"),
        ('<img src="./sketch.png" width=300>', "sketch.png", PNG, "image/png"),
        ("![](sketch.jpg 'a photo')", "sketch.jpg", JPEG, "image/jpeg"),
    ],
)
def test_a_picture_beside_the_notebook_is_shown(tmp_path, source, name, data, kind):
    """A raster file that the text shows is put into the page itself, whichever way it is written."""
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_bytes(data)
    attachments, notes = attached(tmp_path, source)
    assert notes == []
    expected = base64.b64encode(data).decode()
    assert [bundle for bundle in attachments.values()] == [{kind: expected}]  # noqa: C416 - all of them
    assert f'src="data:{kind};base64,{expected}"' in rendered(source, {"attachments": attachments})


@pytest.mark.parametrize(
    "source", ["![](../secret.png)", "![](/etc/secret.png)", "![](link/secret.png)", "![](linked.png)", "![](a\0.png)"]
)
def test_no_other_file_is_shown(tmp_path, source):
    """Nothing outside the submission's folder is read, whatever address or link leads there."""
    folder = tmp_path / "submission"
    folder.mkdir()
    (tmp_path / "secret.png").write_bytes(PNG)
    (folder / "link").symlink_to(tmp_path)
    (folder / "linked.png").symlink_to(tmp_path / "secret.png")
    assert attached(folder, source)[0] == {}


def test_what_is_no_picture_or_too_large_is_named(tmp_path):
    """A file of another kind, and one beyond the limit, are left out with a note."""
    (tmp_path / "page.png").write_bytes(b"<script>")
    (tmp_path / "huge.png").write_bytes(PNG + b"0" * PICTURES.bytes)
    attachments, notes = attached(tmp_path, "![](page.png) ![](huge.png)")
    assert attachments == {}
    assert notes == [
        "the picture 'page.png' is no PNG, JPEG, GIF or WebP; feedback shows a line in its place",
        "the picture 'huge.png' cannot be read, or is larger than 6 MB; feedback shows a line in its place",
    ]


def test_a_picture_that_an_editor_dropped_comes_back(tmp_path):
    """Attachments that were handed out are put back by their names, also where the text around them was changed."""
    attachments, _ = attached(tmp_path, "My notes.\n\n![a neuron](attachment:neuron.png)")
    assert attachments == HANDED.pictures


@pytest.mark.parametrize("source", ["![σ](attachment:lost.png)", "![σ](lost.png)", "<img src='lost.png'>"])
def test_a_missing_picture_is_a_line(source):
    """A picture that is nowhere is named in its place, and the rest of the text is rendered."""
    made = rendered(f"**before**\n\n{source}\n\n**after**")
    assert "[The picture lost.png was not handed in" in made
    assert "<strong>before</strong>" in made
    assert "<strong>after</strong>" in made


def test_a_picture_written_out_in_the_text_is_shown():
    """Colab writes pictures into the text itself: however long that is, the text is rendered and the picture shown."""
    data = base64.b64encode(PNG * 4_000).decode()
    made = rendered(f"**before** ![](data:image/png;base64,{data})")
    assert "<strong>before</strong>" in made
    assert f'src="data:image/png;base64,{data}"' in made


def test_attachments_of_a_model_answer_stay_behind():
    """What a cleared answer had attached is not released; a picture of the question is."""
    cell = nbformat.v4.new_markdown_cell("Look: ![](attachment:question.png)\n\nYOUR ANSWER HERE")
    cell.metadata["nbgrader"] = {"solution": True, "grade": True, "grade_id": "why"}
    cell["attachments"] = {"question.png": {"image/png": "AAAA"}, "secret.png": {"image/png": "BBBB"}}
    output = _without_unseen(nbformat.writes(nbformat.v4.new_notebook(cells=[cell])))
    assert list(nbformat.reads(output, as_version=4).cells[0].attachments) == ["question.png"]
