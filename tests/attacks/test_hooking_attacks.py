"""Attacks that hook themselves into what comes after: modules, transformers, the shell, and the order of the cells."""

import pytest
from arena import CHECKS, RIGHT, WRONG_COST, cases, check, outputs_of, printed

PLANTED = """
import os, sys
print("PLANTED")
"""
PATHS = (
    "numpy.py",
    "sitecustomize.py",
    ".local/lib/python{version}/site-packages/usercustomize.py",
    ".local/lib/python{version}/site-packages/evil.pth",
    "conftest.py",
    ".ipython/profile_default/startup/00.py",
    ".ipython/profile_default/ipython_config.py",
    ".matplotlib/matplotlibrc",
    "inside/codec.py",
)


@pytest.mark.parametrize("paths", cases(PATHS, *[(path,) for path in PATHS], quick=1), ids=["all", *PATHS])
def test_planted_module_is_loaded_by_nobody(arena, paths):
    """Files that Python, pytest, IPython or we would load, planted, do nothing to the replay or the next student."""
    plant = f"""
    import os, sys
    for path in {paths!r}:
        path = path.format(version="%d.%d" % sys.version_info[:2])
        print("there already" if os.path.exists(path) else "planting")
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        open(path, "w").write({PLANTED!r})
    """
    die = "import os\nos._exit(1)"
    judgement = arena.attack(plant, die, RIGHT, worth=RIGHT)
    assert "PLANTED" not in outputs_of(judgement)
    assert "there already" not in outputs_of(judgement)


def test_input_transformer_that_empties_later_cells_hides_no_mistake(arena):
    """Checks whose source the attacker replaces by `pass` show nothing, and judge nothing either."""
    transform = """
    shell = get_ipython()
    shell.input_transformers_cleanup.append(lambda lines: ["pass\\n"])
    shell.input_transformers_post.append(lambda lines: ["pass\\n"])
    """
    checks = [check(exercise, f"assert {exercise} is None") for exercise in CHECKS]
    assert "AssertionError" not in outputs_of(arena.attack(WRONG_COST, transform, *checks, worth=WRONG_COST))


def test_syntax_tree_transformer_changes_no_mark(arena):
    """A transformer that empties every later cell's syntax tree makes no difference to what is judged."""
    transform = """
    import ast

    class Empty(ast.NodeTransformer):
        def visit_Module(self, node):
            return ast.Module([], [])

    get_ipython().ast_transformers.append(Empty())
    """
    checks = [check(exercise, "raise ValueError") for exercise in CHECKS]
    arena.attack(WRONG_COST, transform, *checks, worth=WRONG_COST)


def test_hooks_of_the_shell_change_no_mark(arena):
    """Events, exception handlers, formatters and the shell's own methods, all the attacker's, decide nothing."""
    hook = """
    import builtins, sys
    shell = get_ipython()
    for event in ("pre_execute", "pre_run_cell", "post_execute", "post_run_cell"):
        shell.events.register(event, lambda *arguments: None)
    shell.set_custom_exc((BaseException,), lambda *arguments, **options: None)
    for formatter in shell.display_formatter.formatters.values():
        formatter.for_type(float, lambda *arguments: "20.0")
        formatter.for_type(object, lambda *arguments: "20.0")
    shell.run_cell = lambda *arguments, **options: type("R", (), {"error_before_exec": None, "error_in_exec": None})()
    shell.showtraceback = lambda *arguments, **options: None
    sys.displayhook = lambda value: None
    builtins.exec = builtins.compile = builtins.eval = lambda *arguments, **options: None
    """
    checks = [check(exercise, f"{exercise}.points") for exercise in CHECKS]
    arena.attack(WRONG_COST, hook, *checks, worth=WRONG_COST)


def test_functions_put_back_after_their_check_come_too_late(arena):
    """What is judged is what stood there at the exercise's check, not what the last cell makes of it."""
    arena.attack(WRONG_COST, *[check(exercise) for exercise in CHECKS], RIGHT, worth=WRONG_COST)


def test_namespace_that_lies_about_its_names_is_the_attacker_s_own(arena):
    """A namespace replaced by one that answers to every name answers with the attacker's functions."""
    lie = """
    class Names(dict):
        def get(self, name, default=None):
            return lambda *arguments: 0.0

    get_ipython().user_ns = Names(get_ipython().user_ns)
    """
    zeros = "\n".join(f"def {name}(*arguments):\n    return 0.0" for name in CHECKS)
    arena.attack(RIGHT, lie, worth=zeros)


def test_magics_and_shell_commands_run_behind_the_same_walls(arena):
    """`!`, `%%script`, `%run`, `%load_ext` and friends are student code like any other."""
    magic = """
    !id -u; cat /etc/shadow; touch /usr/planted; ls /proc
    get_ipython().run_cell_magic("bash", "", "id -u")
    """
    judgement = arena.attack(magic, RIGHT, worth=RIGHT)
    assert "root:" not in printed(judgement)
    users = {int(line) for line in printed(judgement).splitlines() if line.strip().isdigit()}
    assert len(users) == 1
    assert users <= set(arena.uids)


def test_debugger_and_tracing_reach_nothing_of_the_judge(arena):
    """Trace and profile functions, breakpoints and audit hooks see the attacker's own process alone."""
    trace = """
    import sys, threading
    seen = set()

    def look(frame, event, argument):
        seen.add(frame.f_code.co_filename)
        return look

    sys.settrace(look)
    threading.settrace(look)
    sys.addaudithook(lambda event, arguments: seen.add(event))
    """
    tell = """
    def cost(w, b, X, y):
        raise ValueError(sorted(name for name in seen if "grading" in name or "assignments" in name or "judge" in name))
    """
    arena.attack(trace, RIGHT, tell, worth=arena.without("cost"))
