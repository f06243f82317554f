"""Why a function stops with an error: the usual causes, each in a sentence, and near names for missing ones."""

import difflib
import re
from collections.abc import Collection

STOPPED = "Your function stops with an error, {error}: see the first check below."
_ALIKE = 0.75  # of two names, by which one is offered for the other

# By a pattern that an error's name and message match; the first that does counts.
CAUSES = {
    r"scalar index": "An array stands where one whole number is due, such as an axis or an index: is there a comma in "
    "place of a + or a *?",
    r"unsupported operand type.*'(builtin_)?function": "A function stands in a formula without its brackets, so it is "
    "never called: sigmoid(z), not sigmoid.",
    r"only integers, slices": "An index has to be a whole number. A loop `for i in y` gives the numbers in y, not "
    "their places.",
    r"AxisError": "An axis is asked for that the array does not have: one row of numbers has axis 0 alone.",
    r"'out' must be|return arrays must be|output array": "The third argument of np.dot, np.add and the like is where "
    "the result goes. What is to be added belongs behind the bracket: np.dot(X, w) + b.",
    r"LinAlgError": "np.linalg.inv inverts a matrix; 1/x divides 1 by each number.",
    r"'numpy.ndarray' object has no attribute": "NumPy's functions are seldom methods of an array: np.exp(x), not "
    "x.exp().",
    r"TypeError: only .*scalar": "A function that takes one number, such as math.exp, got a whole array; np.exp takes "
    "both.",
    r"truth value of an array": "An if takes one truth value, but an array holds many. np.where chooses for each "
    "number.",
    r"BdbQuit": "A breakpoint() is left in your function: it waits for somebody to type, and nobody is there. Take it "
    "out.",
    r"bitwise_xor|for \^:": "^ is no power in Python: a power is written **, and e^x is np.exp(x).",
    r"matmul|aligned": "The shapes of two arrays do not fit in a matrix product: the left one needs as many columns as "
    "the right one has rows.",
    r"einstein|einsum|remapped shapes": "The letters of einsum do not fit the shapes: each array needs one letter per "
    "axis, and a letter that stands twice is one length.",
    r"reshape array": "reshape cannot make this shape: there have to be as many numbers before as after.",
    r"concatenat|stack|array dimensions": "The arrays that are put together have other shapes along the other axes.",
    r"broadcast": "The shapes of two arrays do not fit where they are combined number by number: their lengths have to "
    "be equal from the last axis on, or 1.",
    r"inhomogeneous": "An array cannot be made of rows of different lengths; a list can hold such arrays.",
    r"has no len\(\)|'(float|int)' object (is not (iterable|subscriptable)|has no attribute)": "A plain number was "
    "handed in, and your function wants an array: a number has no length, shape or items.",
    r"list index out of range": "A list is shorter than an index says: is an item missing in it, or does a loop go one "
    "too far?",
    r"too many indices": "An array has fewer axes than your line has indices.",
    r"out of (range|bounds)": "An index is too large: does a loop go one too far or over the other "
    "axis, or are two indices swapped?",
    r"UnboundLocalError": "A name is used before it has a value: the line that gives it one comes later, or inside an "
    "if.",
    r"'NoneType'": "A value is None: a function without a return gives None, and so does list.append.",
    r"positional argument|unexpected keyword": "A function is called with other arguments than it has. Names and order "
    "are those of the text.",
    r"same_kind|Cannot cast": "You write fractions into an array of whole numbers, which has no room for them. Build a "
    "new array.",
    r"RecursionError": "Your function calls itself without end.",
    r"is not callable": "Something that is no function is called: is a name used for a number and for a function, or a "
    "sign missing before a bracket?",
    r"tuple' object does not support item assignment": "A tuple cannot be changed: build a list.",
    r"not enough values to unpack|too many values to unpack": "A function returned another number of values than your "
    "line takes.",
    r"ZeroDivisionError": "Something is divided by 0.",
    r"math range error|OverflowError": "math.exp stops where its answer is too large; np.exp gives infinity there and "
    "goes on.",
}
_MISSING_NAME = re.compile(r"NameError: name '(\w+)' is not defined")
_KNOWN = re.compile(r"\. ((?:The cell|The file|There is `).*?)\.?$", re.DOTALL)
_OTHER_KIND = re.compile(r"(.*) should be made of real numbers; you returned (.*)")
_PAIR = re.compile(r"together with shapes (\([\d, ]*\)) (\([\d, ]*\))")
_TABLE, _ROW = re.compile(r"\((\d+), ?\d+\)"), re.compile(r"\((\d+),\)")
_LINE = re.compile(
    r" \((?P<place>(?:In \[\d+\], )?line \d+): (?P<line>.*?)(?:; there (?P<inside>\w+ stops at line \d+: .*?))?"
    r"(?:; (?P<shapes>[^;]*? has shape .*))?\)\.?$",
    re.DOTALL,
)
_UNFILLED = re.compile(r"\w+ is not filled in yet\b")
_ERROR = re.compile(r" raised ((\w+): ?.*)", re.DOTALL)


def cause(message: str, names: Collection[str]) -> str:
    """Return in a sentence why a function gave no answer, or nothing where it gave one.

    Args:
        message: what is said of the first criterion that failed.
        names: that the function may have meant, where it asks for one that is not there.
    """
    if said := _without_an_error(message):
        return said
    found = _ERROR.search(message)
    if found is None:
        return ""
    text, error = found[1], found[2]
    said = _LINE.sub("", text)  # the student's own line may have any of these words
    if missing := _MISSING_NAME.search(text):
        return _no_such_name(missing[1], names, text)
    sentence = next((why for pattern, why in CAUSES.items() if re.search(pattern, said)), "")
    pair = _PAIR.search(said)
    both = f"Here they are {pair[1]} and {pair[2]}.{_column(pair[1], pair[2])}" if pair else ""
    return " ".join(filter(None, (sentence or STOPPED.format(error=error), both, _line_of(text))))


def _column(one: str, other: str) -> str:
    """Suggest a column, where one shape is a table's and the other that of one number per row."""
    for table, row in ((_TABLE.fullmatch(one), _ROW.fullmatch(other)), (_TABLE.fullmatch(other), _ROW.fullmatch(one))):
        if table and row and table[1] == row[1]:
            return f" Is there one number per row? As a column, v[:, None], they have the shape ({row[1]},1)."
    return ""


def _without_an_error(message: str) -> str:
    """Return why there is no answer, where nothing was raised; or nothing."""
    if message.startswith("there is no "):
        return "Your function is not there when its check is reached."
    if _UNFILLED.match(message):
        return "This is not filled in yet: the line with NotImplementedError is still there."
    kind = _OTHER_KIND.fullmatch(message)
    if kind and kind[2] == "None":
        return f"{kind[1]} is None: no line of yours gives it a value."
    if kind and "a value of" not in kind[2]:
        return f"You returned {kind[2]}; only {kind[1]} is asked for, as numbers in an array."
    return ""


def _line_of(text: str) -> str:
    """Return the line that stops with the shapes in it, in a sentence, or nothing where it is not known."""
    found = _LINE.search(text)
    if found is None:
        return ""
    inside = f" {found['inside']}." if found["inside"] else ""
    shapes = f" There, {found['shapes']}." if found["shapes"] else ""
    return f"It stops in {found['place']}: {found['line']}.{inside}{shapes}"


def _no_such_name(name: str, names: Collection[str], text: str) -> str:
    said = f"Your function asks for {name}, and nothing of that name is there."
    if known := _KNOWN.search(text):  # from the run of the notebook, which has seen it
        return f"{said} {known[1]}."
    if near := near_name(name, names):
        return f"{said} Is {near} meant?"
    return f"{said} It has to be an argument, or be made inside the function or in a cell above."


def near_name(name: str, names: Collection[str]) -> str:
    """Return the name that is most like another one, or nothing where none is."""
    folded = {one.lower(): one for one in sorted(names) if one != name}
    near = difflib.get_close_matches(name.lower(), folded, 1, _ALIKE)
    return folded[near[0]] if near else ""
