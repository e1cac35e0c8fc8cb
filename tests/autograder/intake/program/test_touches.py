"""Which objects a piece of code may change, and by which names it reaches them."""

from __future__ import annotations

import ast

import pytest

from autograder.intake.program.touches import (
    Touches,
    changes_parameters,
    constants,
    derived,
    flat,
    held,
    returned,
    roots,
    touches,
)
from tests.autograder.intake.program.support import names, statement


def expression(source: str) -> ast.expr:
    return ast.parse(source, mode="eval").body


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a", "a"),
        ("a.b.c", "a"),
        ("a[0].b[i]", "a"),
        ("(*a, b)[0]", ""),
        ("f(a).b", "f a"),
        ("m.f(a.b, c[0]).d", "m a c"),
        ("f(key=a)", "f"),
        ("(a if ok else b).c", "a b"),
        ("(a or b).c", "a b"),
        ("a + b", ""),
        ("1", ""),
        ("'a'.join(b)", "b"),
    ],
)
def test_the_names_that_an_expression_starts_from(source: str, expected: str) -> None:
    assert set(roots(expression(source))) == names(expected)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a", "a"),
        ("[a, (b, {c: d})]", "a b c d"),
        ("a.b[i]", "a i"),
        ("f(a, key=b)", "f a b"),
        ("len(a)", ""),
        ("str(a)", ""),
        ("isinstance(a, b)", ""),
        ("max(a, b)", "max a b"),  # one of them
        ("getattr(a, 'b')", "getattr a"),
        ("conv(a)", ""),  # what a task gives holds nothing of what it was given
        ("a == b", ""),
        ("f'{a}'", ""),
        ("'a'", ""),
        ("lambda x, y=a: b", "a"),
        ("[a for b in c]", "a b c"),
        ("a if b else c", "a b c"),
    ],
)
def test_names_that_a_value_may_hold(source: str, expected: str) -> None:
    assert set(held(expression(source), {"conv"})) == names(expected)


@pytest.mark.parametrize(
    ("source", "stores", "receivers", "passed"),
    [
        ("a = 1", "", "", ""),
        ("a = b", "", "", ""),
        ("a.b = c", "a", "", ""),
        ("a[0] = c", "a", "", ""),
        ("a.b[c].d = e", "a", "", ""),
        ("del a[0], b.c", "a b", "", ""),
        ("del a", "", "", ""),
        ("a += b", "a", "", ""),
        ("a.b += c", "a", "", ""),
        ("(a if ok else b).c = 1", "a b", "", ""),
        ("f(a).b = 1", "f a", "", "a"),
        ("for a.b in c: pass", "a", "", ""),
        ("with f(c) as a.b: pass", "a", "", "c"),
        ("setattr(a, b, c)", "a", "", "b c"),
        ("setattr(a.b, 'n', f)", "a", "", "f"),
        ("delattr(a, 'b')", "a", "", ""),
        ("setattr()", "", "", ""),
        ("vars(a).update(b=c)", "a", "", "a c"),
        ("vars(a.b).update(c)", "a", "", "a c"),
        ("a.append(b)", "", "a", "b"),
        ("a.b.append([b, {c: d}])", "", "a", "b c d"),
        ("a.append(len(b))", "", "a", ""),
        ("a.append(conv(b))", "", "a", ""),
        ("a.copy(b)", "", "", "b"),
        ("a.items()", "", "", ""),
        ("a.get(b).append(c)", "", "a b", "b c"),
        ("f(a, *b, c=d, **e)", "", "", "a b d e"),
        ("f(a + b)", "", "", "a b"),
        ("f(a == b)", "", "", ""),
        ("nn.init.ones_(a)", "", "nn", "a"),
        ("print(a)", "", "", ""),
        ("display(a.b)", "", "", ""),
        ("isinstance(a, b)", "", "", ""),
        ("conv(a, b)", "", "", ""),
        ("conv.cache(a)", "", "conv", "a"),
        ("'a'.join(b)", "", "", "b"),
        ("a", "", "", ""),
        ("a.b", "", "", ""),
        ("import a", "", "", ""),
    ],
)  # fmt: skip
def test_what_a_statement_may_change(source: str, stores: str, receivers: str, passed: str) -> None:
    found = touches(ast.walk(statement(source)), {"conv"})
    given = found.passed | found.parts
    assert (found.stores, found.receivers, given) == (names(stores), names(receivers), names(passed))
    assert found.all == names(f"{stores} {receivers} {passed}")


@pytest.mark.parametrize(
    ("source", "called", "runs"),
    [
        ("a = b", "", False),
        ("a = b + c", "", False),
        ("a = b()", "b", True),
        ("a = [b, c()]", "b c", True),  # b may be called by c
        ("a = conv(b)", "b", True),
        ("with b: pass", "b", True),
        ("for a in b: pass", "", False),
        ("@b.c\ndef f(): pass", "b", True),
        ("@b(c)\ndef f(): pass", "b c", True),
        ("@b\nclass f: pass", "b", True),
        ("class f(b.c, d[0]): pass", "b d", False),
        ("class f(b()): pass", "b", True),
        ("class f: pass", "", False),
        ("def f(): pass", "", False),
    ],
)
def test_what_a_statement_may_run(source: str, called: str, runs: bool) -> None:
    found = touches(ast.walk(statement(source)), {"conv"})
    assert (found.called, found.runs) == (names(called), runs)


@pytest.mark.parametrize(
    ("source", "receivers"),
    [
        ("@b.register\ndef f(): pass", "b"),
        ("@b.c.register\ndef f(): pass", "b"),
        ("@b.register(1)\ndef f(): pass", "b"),
        ("@b\ndef f(): pass", ""),
        ("@b(c)\ndef f(): pass", ""),
        ("@b.register\nclass f: pass", "b"),
    ],
)
def test_a_decorator_may_change_what_it_is_a_method_of(source: str, receivers: str) -> None:
    assert touches(ast.walk(statement(source))).receivers == names(receivers)


def test_touches_of_some_names_and_of_two_pieces_together() -> None:
    one = Touches(names("a b"), names("c"), names("d"), names("e"), runs=True)
    assert one.only(names("b c x")) == Touches(names("b"), names("c"), runs=True)
    other = Touches(names("x"), names("c y"), names("d"), names("z"))
    assert one | other == Touches(names("a b x"), names("c y"), names("d"), names("e z"), runs=True)
    assert (other | other).runs is False


def pairs(text: str) -> dict[str, frozenset[str]]:
    """ "a: b c; d: e" as names that may lead to others."""
    return {
        name.strip(): names(others) for name, others in (part.split(":") for part in text.split(";") if part)
    }


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a = 1", ""),
        ("a = a", ""),
        ("a = b", "a: b"),
        ("a = b.c[0]", "a: b"),
        ("a = [b, c]", "a: b c"),
        ("a, d = b, c", "a: b c; d: b c"),
        ("a = d = b", "a: b; d: b"),
        ("a: list = b", "a: b"),
        ("a: list", ""),
        ("a.x = b", "a: b"),
        ("a += [b]", "a: b"),
        ("a.x |= {1: b}", "a: b"),
        ("a[0].x = b", "a: b"),
        ("a = len(b)", ""),
        ("a = conv(b)", ""),
        ("a = f(b)", "a: b f"),
        ("a = f(b.x, b['y'])", "a: f"),
        ("a = b == c", ""),
        ("(a := b)", "a: b"),
        ("for a in b: pass", "a: b"),
        ("for a, c in zip(b): pass", "a: b zip; c: b zip"),
        ("with open(b) as a: pass", "a: b open"),
        ("x = [a for a in b]", "x: a b; a: b"),
        ("a.append(b)", "a: b"),
        ("a.append([b, c])", "a: b c"),
        ("a.get(b)", ""),
        ("fill(a, b)", "a: b; b: a"),
        ("fill(a, 1)", ""),
        ("fill(a, key=b.y)", ""),
        ("conv(a, b)", ""),
        ("print(a, b)", ""),
        ("torch.relu(a)", "torch: a"),
    ],
)
def test_by_which_names_an_object_may_be_reached(source: str, expected: str) -> None:
    assert derived(ast.walk(statement(source)), {"conv"}) == pairs(expected)


def test_of_a_call_with_many_arguments_none_is_thought_to_keep_another() -> None:
    eight = ", ".join("abcdefgh")
    assert derived(ast.walk(statement(f"fill({eight})")))["a"] == names("b c d e f g h")
    assert derived(ast.walk(statement(f"fill({eight}, i)"))) == {}
    assert derived(ast.walk(statement(f"x.fill({eight}, i)"))) == {"x": names("a b c d e f g h i")}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a = 1", "a"),
        ("a = -1.5", "a"),
        ("a = 'text'", "a"),
        ("a = f'{b}'", "a"),
        ("a = None", "a"),
        ("a = 2 * 3 + 1", "a"),
        ("a = (1, ('b', 2))", "a"),
        ("a, b = 1, 2", "a b"),
        ("a = b = 1", "a b"),
        ("a: int = 1", "a"),
        ("a = b == c", "a"),
        ("a = len(b)", "a"),
        ("a = int(b) + 1", "a"),
        ("a = torch.device('cpu')", "a"),
        ("a += 1", ""),  # a tensor is changed
        ("a: int", ""),
        ("a = b", ""),
        ("a = b + 1", ""),
        ("a = [1]", ""),
        ("a = (1, [2])", ""),
        ("a = {}", ""),
        ("a = f(1)", ""),
        ("a = torch.tensor(1)", ""),
        ("a = f()(1)", ""),
        ("a = list(b)", ""),
        ("for a in (1, 2): pass", ""),
        ("def a(): pass", ""),
    ],
)
def test_names_of_what_nothing_can_change(source: str, expected: str) -> None:
    assert constants(statement(source)) == names(expected)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("def f(c): c.x = 1", True),
        ("def f(c): c[0] = 1", True),
        ("def f(c): setattr(c, 'x', 1)", True),
        ("def f(c):\n    def g(h): setattr(c, h.__name__, h)\n    return g", True),
        ("def f(*, c): c += 1", True),
        ("class A:\n    def f(self, c): c.x = 1", True),
        ("class A:\n    def f(self): self.x = 1", False),
        ("def f(c): return c.x", False),
        ("def f(c): d.x = 1", False),
        ("def f(c): c = 1", False),
        ("f = lambda c: setattr(c, 'x', 1)", True),
    ],
)
def test_functions_that_change_what_they_are_given(source: str, expected: bool) -> None:
    assert changes_parameters(statement(source)) is expected


@pytest.mark.parametrize(
    ("source", "passed", "parts"),
    [
        ("f(a.b, c)", "c", "a"),
        ("f(k=a['b'])", "", "a"),
        ("f(a, a.b)", "a", "a"),
        ("f([a.b])", "a", ""),
        ("f(g(a.b))", "g", "a"),
    ],
)
def test_who_is_given_a_part_is_told_from_who_is_given_all(source: str, passed: str, parts: str) -> None:
    found = touches(ast.walk(statement(source)))
    assert (found.passed, found.parts) == (names(passed), names(parts))
    assert found.all == names(passed) | names(parts)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a = {'lr': 0.1, 'name': 'net'}", "a"),
        ("a = dict(lr=0.1)", "a"),
        ("a = types.SimpleNamespace(lr=0.1, size=(1, 2))", "a"),
        ("a = argparse.Namespace()", "a"),
        ("class A:\n    'Doc.'\n    lr: float = 0.1\n    size = 3", "A"),
        ("class A: pass", "A"),
        ("a = {'layers': [1, 2]}", ""),
        ("a = dict(b)", ""),
        ("a = dict(**b)", ""),
        ("a = Settings(lr=0.1)", ""),
        ("class A:\n    layers = []", ""),
        ("class A:\n    lr: float", ""),
        ("class A:\n    lr = 1\n    def f(self): pass", ""),
        ("a = b", ""),
    ],
)
def test_objects_of_which_no_part_can_change(source: str, expected: str) -> None:
    assert flat(statement(source)) == names(expected)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("def f(): return a", "a"),
        ("def f(b):\n    if b:\n        return b\n    return a", "a b"),
        ("def f(): return a.b", ""),
        ("def f(): return g(a)", ""),
        ("f = lambda: a", ""),
        ("class A:\n    def f(self): return a", ""),
    ],
)
def test_names_that_a_function_gives_as_they_are(source: str, expected: str) -> None:
    assert returned(statement(source)) == names(expected)
