"""Every limit on student code, in one place, as data."""

import dataclasses
from dataclasses import dataclass
from typing import Any

KIB = 1024
MIB = 1024 * KIB
GIB = 1024 * MIB


@dataclass(frozen=True)
class Limits:
    """What one submission may use; an assignment may override any of them by name.

    Seconds are wall-clock unless a name says otherwise; sizes are bytes.
    """

    # Time. A cell is interrupted, then killed; a call is killed at once.
    cell_seconds: float = 20.0
    interrupt_seconds: float = 1.0  # what an interrupted cell has left to end by itself
    call_seconds: float = 5.0  # of a judged call, and of the fork before it
    exercise_seconds: float = 20.0  # of all judged calls of one exercise, without our own work between them
    submission_seconds: float = 60.0  # of all cells
    process_cpu_seconds: int = 60  # of one process, enforced by the kernel
    start_seconds: float = 30.0  # of the machine's own: interpreter, NumPy, IPython

    # Memory. processes * address_space + scratch_bytes must stay below worker_memory.
    address_space: int = 768 * MIB  # of one process
    processes: int = 14  # at one time, threads included
    # Submissions of one user that may run at the same time where the kernel counts their processes together:
    # without walls, and behind landlock. Each may start its own number of processes and take none away from the others.
    neighbours: int = 16
    scratch_bytes: int = 64 * MIB  # everything a submission can write to
    worker_memory: int = 12 * GIB  # what a machine has to have for each worker, at the worst

    # Files.
    file_bytes: int = 32 * MIB
    descriptors: int = 128

    # What comes back.
    message_bytes: int = 4 * MIB  # plain data takes up to fifty times as much once it is read
    output_bytes: int = 4 * MIB  # of one submission
    cell_output_bytes: int = 1 * MIB
    cell_outputs: int = 200
    written_files: int = 100  # that cells wrote into the working folder, and that are kept
    written_bytes: int = 8 * MIB  # of all of them

    # What is handed in.
    notebook_bytes: int = 10 * MIB
    notebook_cells: int = 500
    submission_files: int = 1_000  # folders included; beyond that they are set aside, not copied
    submission_bytes: int = 128 * MIB  # of all of them

    def override(self, changes: dict[str, Any]) -> "Limits":
        """Return these limits with some of them changed.

        Raises:
            ValueError: a name is unknown or a value is not a positive number.
        """
        for name, value in changes.items():
            if name not in {field.name for field in dataclasses.fields(self)}:
                raise ValueError(f"unknown limit {name!r}: see autograder/sandbox/limits.py")
            if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
                raise ValueError(f"limit {name!r} must be a positive number, not {value!r}")
        return dataclasses.replace(self, **changes)


# Of an assignment without graders: what a notebook may use where nbgrader alone would set no limit but a cell's time.
ORDINARY = Limits(
    cell_seconds=30.0,
    submission_seconds=7 * 24 * 3600.0,
    process_cpu_seconds=7 * 24 * 3600,
    address_space=4 * GIB,
    worker_memory=60 * GIB,
    scratch_bytes=2 * GIB,
    file_bytes=1 * GIB,
    descriptors=1024,
)


@dataclass(frozen=True)
class KernelLimits:
    """Limits on a kernel that is not our interpreter, where it needs more than a student process does.

    Attributes:
        processes: at one time, threads included; most are threads of the kernel's and of what talks to it.
        address_space: of one process, at the least; each thread keeps some for itself that it does not use.
        start_seconds: until it answers; nbclient's own.
        interrupt_seconds: until an interrupted cell has ended.
    """

    processes: int = 64
    address_space: int = 4 * GIB
    start_seconds: float = 60.0
    interrupt_seconds: float = 5.0


KERNELS = KernelLimits()


@dataclass(frozen=True)
class Confinement:
    """Limits on our own work with what students wrote: see `autograder.confined`.

    Attributes:
        processes: how many calls may run at the same time.
        seconds: of wall-clock time, per call.
        memory: bytes that a process may take beyond what it has loaded.
    """

    processes: int = 2
    seconds: float = 10.0
    memory: int = 512 * MIB


@dataclass(frozen=True)
class ExplainingLimits:
    """Limits on explaining verdicts that stand, and on what is told of an answer.

    Attributes:
        seconds: of wall-clock time, for all calls of one explanation; our own work between them is not counted.
        items: of an answer that has more in its lists nothing is compared with any mistake.
        numbers: an answer with more of them is counted, not shown.
        text: characters of any text of an answer, or of an error of ours, that are shown.
    """

    seconds: float = 10.0
    items: int = 10_000
    numbers: int = 24
    text: int = 200


EXPLAINING = ExplainingLimits()


# How often student code may ask the right functions that stand in for its own, per trial of an exercise: a function
# that calls another for each number asks thousands. The process that answers has a submission's limits on memory and
# time besides, and ends with the trial.
STAND_IN_QUESTIONS = 200_000


@dataclass(frozen=True)
class IntakeLimits:
    """Limits on the names under which work is handed in.

    Attributes:
        id_characters: of a student id, or an assignment's name; nbgrader's gradebook holds no longer one.
        file_name_bytes: of an id that becomes part of a file's name; of a longer one its digest does.
        assignment_bytes: of an assignment's name; a folder's has at most 255, and we add to it while it is written.
    """

    id_characters: int = 128
    file_name_bytes: int = 200
    assignment_bytes: int = 240


INTAKE = IntakeLimits()


@dataclass(frozen=True)
class PictureLimits:
    """Limits on the pictures beside a notebook that its pages show.

    Attributes:
        bytes: of all of a notebook together; a photograph has three million.
        most: pictures that are looked for.
        text: characters of a cell in which they are looked for.
    """

    bytes: int = 6_000_000
    most: int = 50
    text: int = 50_000


PICTURES = PictureLimits()


@dataclass(frozen=True)
class CarriedLimits:
    """Limits on what a worker returns to whoever asked it, and on the wait for it.

    Attributes:
        bytes: of one judgement, outputs and pictures included.
        text: characters of one text in it.
        depth: of lists in each other.
        points: that no criterion is worth.
        answer_seconds: without any answer of a cluster, until what was asked is left to a human.
    """

    bytes: int = 32 * MIB
    text: int = 4 * MIB
    depth: int = 64
    points: float = 1e6
    answer_seconds: float = 1800.0


CARRIED = CarriedLimits()


@dataclass(frozen=True)
class ReadingLimits:
    """Limits on what the review reads and shows of one submission; characters unless a name says otherwise."""

    # Of a notebook. Whatever is longer is cut before anything looks into it.
    notebook_bytes: int = 48 * MIB  # graded: with outputs and pictures
    cell: int = 50_000  # a longer one is not parsed: nobody writes so much by hand
    parsed: int = 200_000  # of all cells of a notebook together
    source: int = 50_000  # of a function with its helpers
    raw: int = 20_000  # of a cell that is shown because its notebook could not be read in time
    answer: int = 20_000  # in words
    output: int = 20_000
    outputs: int = 200  # per exercise

    # Of what is compared.
    tokens: int = 5_000  # of a syntax tree
    words: int = 2_000  # of an answer
    word: int = 200  # normalizing takes time that grows with the square of what stands without a space
    lines: int = 400  # comparing takes time that grows with the square of the number of lines, at the least
    columns: int = 400  # of a line that is compared within
    pairs: int = 1_000_000  # of characters within lines that are compared with each other, per comparison

    # Of one call in a confined process.
    batch: int = 24  # notebooks
    reading: Confinement = Confinement(processes=2, seconds=5.0, memory=512 * MIB)
    grouping: Confinement = Confinement(processes=1, seconds=60.0, memory=1024 * MIB)  # a whole class


READING = ReadingLimits()


@dataclass(frozen=True)
class PageLimits:
    """Limits on a page that shows a submission: feedback, and Formgrader's page of it.

    Characters are of text, bytes of the page. A part is one cell's text or one output.
    """

    # The whole page. What is beyond `content_bytes` is cut, and says so; `page_bytes` is then never reached.
    page_bytes: int = 12_000_000
    content_bytes: int = 8_500_000  # of all parts; the rest is for the page's own frame, styles and marks
    picture_bytes: int = 6_000_000  # of all pictures among the outputs
    card_bytes: int = 1_500_000  # kept for our own cards, whatever else there is
    notebook_bytes: int = 32 * MIB  # of the graded notebook that the page is made from
    outputs: int = 2_000
    elements: int = 60_000  # of the page's HTML
    references: int = 100_000  # such as &lt; in it; nbconvert reads the whole page once more

    # What is rendered as markdown, code or HTML; beyond that it is shown as the text that it is.
    cell_characters: int = 20_000
    page_characters: int = 300_000
    line_characters: int = 500  # of code
    formulas: int = 200  # beginnings of formulas in a cell; for each, the end is looked for in all that follows
    part_seconds: float = 1.0  # of the processor
    page_seconds: float = 3.0  # of the processor, for all parts together
    colours: int = 2_000  # control sequences in a text; for each, all that follows is copied

    # Wall-clock time of the page that stands in for one that failed: with our cards, and where that fails as well with
    # marks alone. Nothing stands in for the latter, and no word of a student's is in it: it takes less than a second,
    # and longer only where others use up the machine's time, which may cost nobody a page. So a page takes 10 s in all:
    # the `seconds` below, these, half a second to replace two processes, and two for the marks.
    cards_seconds: float = 1.5
    marks_seconds: float = 60.0

    # HTML, before it is parsed. A parser repeats `<b>` and its like in each block until they are closed.
    part_elements: int = 20_000
    attributes: int = 100  # of one element
    repeated: int = 100_000  # elements
    repeated_characters: int = 2_000_000
    unsure_product: int = 20_000_000  # characters times elements, where only a parser can say what is open
    depth: int = 250

    # What is shown as text: per part, and in a page (which is read once more as a whole).
    text_characters: int = 100_000
    text_bytes: int = 3_000_000


# The page of a whole notebook.
FEEDBACK = Confinement(processes=1, seconds=6.0, memory=384 * MIB)
FORMGRADER = Confinement(processes=3, seconds=6.0, memory=384 * MIB)
