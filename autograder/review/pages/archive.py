"""The whole review as one page that needs no server."""

import datetime as dt
from collections.abc import Iterator

from autograder.review import overview, reference
from autograder.review import queue as queues
from autograder.review.alike import groups
from autograder.review.changing import actions
from autograder.review.pages.links import Archived
from autograder.review.pages.render import rendered
from autograder.review.reading.classroom import Classroom
from autograder.review.story import story


def archive(classroom: Classroom) -> Iterator[str]:
    """Yield it piece by piece, with the class under the names that it has."""
    exercises = []
    for exercise in classroom.exercises:
        found = groups.groups(classroom, exercise.name)
        differing = {one.id: groups.how_members_differ(classroom, one) for one in found}
        exercises.append((exercise, found, differing))
    yield from rendered(
        "archive.html",
        classroom=classroom,
        link=Archived(),
        archived=True,
        when=dt.datetime.now(dt.UTC).strftime("%Y-%m-%d %H:%M"),
        overview=overview.overview(classroom),
        order="course",
        page=classroom.page(1, size=max(len(classroom.students), 1)),
        exercises=exercises,
        commented=frozenset[str](),
        queue=queues.queue(classroom),
        stories=((one, story(classroom, one.id)) for one in classroom.students),
        reference=reference.reviewed(classroom),
        actions=actions.log(classroom),
    )
