"""Another exchange than nbgrader's own, as clusters have one: feedback goes through it, and is held back as ever."""

import pytest
from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange import ExchangeError, ExchangeFactory, abc, default
from traitlets.config import Config
from traitlets.utils.importstring import import_item

from autograder.course.configure import configure, programs_on_path
from autograder.course.pages.release import ReleaseFeedback

# nbgrader makes a gradebook by a program, and its rows in an order that SQLAlchemy warns of
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")]
STUDENTS = {"ada": 2.0, "bob": None, "cyd": 1.0}


class Shelf(abc.Exchange):
    """An exchange that notes who was given feedback."""

    given: list = []  # noqa: RUF012 - the shelf


class ShelfReleaseFeedback(Shelf, abc.ExchangeReleaseFeedback):
    """Its feedback."""

    def start(self):
        """Note who is given some."""
        excluded = self.coursedir.student_id_exclude.split(",")
        self.given.append([student for student in STUDENTS if student not in excluded])


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """A course in whose gradebook a grade of one student is missing."""
    programs_on_path()
    root = tmp_path_factory.mktemp("shelf")
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}", "course") as gradebook:
        gradebook.add_assignment("ps")
        gradebook.add_notebook("nb", "ps")
        gradebook.add_grade_cell("test_x", "nb", "ps", max_score=2, cell_type="code")
        for student, score in STUDENTS.items():
            gradebook.add_student(student)
            gradebook.add_submission("ps", student)
            gradebook.find_grade("test_x", "nb", "ps", student).auto_score = score
        gradebook.db.commit()
    return root


def release(root, config, student_id_exclude="", **options):
    """Release the feedback as nbgrader does."""
    folder = {"root": str(root), "student_id_exclude": student_id_exclude}
    coursedir = CourseDirectory(config=config, course_id="course", assignment_id="ps", **folder)
    ExchangeFactory(config=config).release_feedback(coursedir=coursedir, config=config, **options).start()
    assert coursedir.student_id_exclude == student_id_exclude


@pytest.mark.parametrize("named", [ShelfReleaseFeedback, f"{__name__}.ShelfReleaseFeedback"])
def test_another_exchange_releases_feedback(root, named):
    """Who has every mark gets feedback through the course's own exchange; who has not is held back, and named."""
    config = Config()
    config.ExchangeFactory.exchange = Shelf
    config.ExchangeFactory.release_feedback = named
    configure(config)
    configure(config)  # as where a configuration is read twice
    with pytest.raises(ExchangeError, match="the feedback of 1 was held back, see above: bob"):
        release(root, config, student_id_exclude="cyd")
    assert Shelf.given.pop() == ["ada"]
    assert Shelf.given == []


def test_one_students_feedback_goes_alone(root):
    """Where `autograder watch` releases the feedback of one, nobody else's goes with it."""
    config = Config()
    config.ExchangeFactory.release_feedback = ShelfReleaseFeedback
    configure(config)
    release(root, config, only=["cyd"])
    assert Shelf.given.pop() == ["cyd"]
    release(root, config, only=["bob"], unmarked=True)
    assert Shelf.given.pop() == ["bob"]
    assert Shelf.given == []


def test_feedback_does_not_go_where_nobody_looks(root):
    """Where the exchange is another but its feedback is left to nbgrader's, one line says what to write where."""
    config = Config()
    config.ExchangeFactory.exchange = Shelf
    configure(config)
    with pytest.raises(ExchangeError, match=r"uses the exchange .*Shelf, .* before configure\(c\)"):
        release(root, config)
    assert Shelf.given == []


def test_nbgraders_own_stays_ours():
    """A configuration that names nbgrader's own class gets ours in its place, and no other exchange."""
    config = Config()
    config.ExchangeFactory.release_feedback = default.ExchangeReleaseFeedback
    configure(config)
    assert import_item(config.ExchangeFactory.release_feedback) is ReleaseFeedback
    assert "through" not in config.ReleaseFeedback


def test_an_exchange_that_is_not_there_is_said_in_one_line():
    """A name that cannot be imported ends with the setting and the reason."""
    config = Config()
    config.ExchangeFactory.release_feedback = "no_such_exchange.ExchangeReleaseFeedback"
    with pytest.raises(SystemExit, match=r"c\.ExchangeFactory\.release_feedback: .*no_such_exchange"):
        configure(config)
