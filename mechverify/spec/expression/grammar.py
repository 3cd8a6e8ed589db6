"""Whether a row of tokens is an expression, told in the user's terms before Python's own parser sees it."""

from dataclasses import dataclass
from typing import Literal

from mechverify.spec.expression.functions import function_hint
from mechverify.spec.expression.tokens import Token
from mechverify.spec.source import Report
from mechverify.spec.yaml.positions import Located

MAX_BRACKETS = 50
MAX_PREFIXES = 20

_ARITHMETIC = frozenset({"+", "-", "*", "/", "//", "%", "**"})
_COMPARISONS = frozenset({"==", "!=", "<", "<=", ">", ">="})
_CLOSES = {"(": ")", "[": "]"}
_FLOW_HINT = "inside [ ] or { } a comma or bracket ends the text: put quotes around the expression"


@dataclass(slots=True)
class _Frame:
    """An open bracket: what it is for, whether an ``if`` waits for its ``else``, and whether ``for`` was met."""

    kind: Literal["top", "group", "call", "list", "subscript", "range"]
    token: Token | None
    waiting_if: Token | None = None
    loop: bool = False
    commas: int = 0
    colons: int = 0


class _Wrong(Exception):  # noqa: N818
    def __init__(self, index: int, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.index, self.message, self.hint = index, message, hint


def is_expression(tokens: list[Token], source: Located, report: Report) -> bool:
    """Whether the tokens form one expression; the first mistake is reported."""
    walk = _Walk(tokens, len(source.text))
    try:
        walk.run()
    except _Wrong as wrong:
        cut = source.flow and wrong.index >= len(source.text) and len(walk.frames) > 1
        report.error(source.mark(wrong.index), wrong.message, _FLOW_HINT if cut else wrong.hint)
        return False
    return True


class _Walk:
    def __init__(self, tokens: list[Token], end: int) -> None:
        self.tokens, self.end = tokens, end
        self.frames = [_Frame("top", None)]
        self.operand = True
        self.prefixes = 0
        self.range_ends = -1
        self.at = 0

    @property
    def frame(self) -> _Frame:
        return self.frames[-1]

    def before(self) -> Token | None:
        return self.tokens[self.at - 1] if self.at else None

    def after(self, step: int = 1) -> Token | None:
        return self.tokens[self.at + step] if self.at + step < len(self.tokens) else None

    def run(self) -> None:
        if not self.tokens:
            raise _Wrong(0, "expected an expression, found nothing")
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            (self.want_operand if self.operand else self.want_operator)(token)
            self.at += 1
        if self.operand:
            raise _Wrong(self.end, f"expected a value after '{self.tokens[-1].text}', found the end of the expression")
        if self.frame.token is not None:
            opened = self.frame.token
            raise _Wrong(self.end, f"the '{opened.text}' is never closed", f"add '{_CLOSES[opened.text]}'")
        self.no_waiting_if()

    def no_waiting_if(self) -> None:
        if self.frame.waiting_if is not None:
            raise _Wrong(self.frame.waiting_if.index, "this 'if' has no 'else'", "write 'a if condition else b'")

    def push(self, frame: _Frame) -> None:
        self.frames.append(frame)
        if len(self.frames) > MAX_BRACKETS:
            raise _Wrong(
                self.tokens[self.at].index,
                f"brackets nested more than {MAX_BRACKETS} deep",
                "name the parts as variables",
            )
        self.prefixes = 0

    def want_operand(self, token: Token) -> None:
        before = self.before()
        if token.kind in ("number", "name"):
            self.operand, self.prefixes = False, 0
            return
        if token.text in ("(", "["):
            self.push(_Frame("group" if token.text == "(" else "list", token))
            return
        if token.text in ("-", "+", "not"):
            if token.text == "not" and before is not None and before.text in _ARITHMETIC | _COMPARISONS:
                raise _Wrong(token.index, f"'not' cannot follow '{before.text}'", "put brackets around 'not ...'")
            self.prefixes += 1
            if self.prefixes > MAX_PREFIXES:
                raise _Wrong(token.index, f"more than {MAX_PREFIXES} signs in a row")
            return
        if token.text in (")", "]") and before is not None and before.text == "[" and self.frame.kind == "list":
            self.close(token)
            return
        if token.text == ")" and before is not None and before.text == "(" and self.frame.kind == "call":
            self.close(token)
            return
        if self.frame.kind == "subscript" and token.text in (":", "]") and before is not None:
            if token.text == ":" and before.text in ("[", ":"):
                self.colon(token)
                return
            if token.text == "]" and before.text == ":":
                self.close(token)
                return
        where = f" after '{before.text}'" if before is not None else ""
        hint = "a choice is written `a if c else b`" if token.text == "if" else None
        raise _Wrong(token.index, f"expected a value{where}, found '{token.text}'", hint)

    def want_operator(self, token: Token) -> None:
        text, frame = token.text, self.frame
        before = self.before()
        if frame.loop and before is not None and before.index == self.range_ends:
            if text not in ("if", ")", "]"):
                hint = "nest the loops: all(all(... for j in range(3)) for i in range(2))" if text == "for" else None
                raise _Wrong(
                    token.index, f"expected 'if' or the closing bracket after range(...), found '{text}'", hint
                )
            if text == "if":
                self.operand = True
                return
        if text in _ARITHMETIC | _COMPARISONS or text in ("and", "or"):
            self.operand = True
        elif text in ("(", "["):
            self.open_after_value(token)
        elif text in (")", "]"):
            self.close(token)
        elif text == ",":
            self.comma(token)
        elif text == ":":
            self.colon(token)
        elif text == ".":
            self.attribute(token)
        elif text == "if":
            self.conditional(token)
        elif text == "else":
            if frame.waiting_if is None:
                raise _Wrong(token.index, "this 'else' has no 'if'", "write 'a if condition else b'")
            frame.waiting_if = None
            self.operand = True
        elif text == "for":
            self.loop(token)
        elif text in ("in", "not"):
            raise _Wrong(
                token.index,
                f"'{text}' cannot stand here",
                "compare with ==, for instance any(x[i] == v for i in range(n))",
            )
        else:
            after = f" after '{before.text}'" if before is not None else ""
            raise _Wrong(token.index, f"expected an operator{after}, found '{text}'")

    def open_after_value(self, token: Token) -> None:
        before = self.before()
        if token.text == "[":
            self.push(_Frame("subscript", token))
        elif before is None or before.kind != "name":
            raise _Wrong(token.index, "only a function's name can stand before '('", "write products with *")
        else:
            self.push(_Frame("call", token))
        self.operand = True

    def close(self, token: Token) -> None:
        frame = self.frame
        if frame.token is None:
            raise _Wrong(token.index, f"this '{token.text}' closes nothing")
        if _CLOSES[frame.token.text] != token.text:
            raise _Wrong(token.index, f"expected '{_CLOSES[frame.token.text]}', found '{token.text}'")
        self.no_waiting_if()
        self.frames.pop()
        self.operand = False
        if frame.kind == "range":
            self.range_ends = token.index

    def comma(self, token: Token) -> None:
        frame = self.frame
        self.no_waiting_if()
        if frame.kind == "subscript":
            raise _Wrong(token.index, "one index in each bracket", "write x[1][2]")
        if frame.kind in ("top", "group"):
            raise _Wrong(token.index, "a comma cannot stand here", "a list is [a, b]")
        if frame.loop:
            raise _Wrong(token.index, "a comma cannot follow a 'for'")
        frame.commas += 1
        self.operand = True

    def colon(self, token: Token) -> None:
        frame = self.frame
        self.no_waiting_if()
        if frame.kind != "subscript" or frame.colons == 2:
            raise _Wrong(token.index, "':' cannot stand here", "it belongs in a slice such as x[1:3]")
        frame.colons += 1
        self.operand = True

    def attribute(self, token: Token) -> None:
        before, following = self.before(), self.after()
        chained = self.at > 1 and self.tokens[self.at - 2].text == "."
        if before is None or before.kind != "name" or chained:
            raise _Wrong(token.index, "'.' belongs between a model's name and a variable's, as in network.answer")
        if following is None or following.kind != "name":
            raise _Wrong(token.index, "expected a variable's name after '.'", "as in network.answer")
        if (then := self.after(2)) is not None and then.text == "(":
            raise _Wrong(token.index, "there are no methods here", function_hint(following.text))
        self.at += 1

    def conditional(self, token: Token) -> None:
        if self.frame.loop:
            raise _Wrong(token.index, "this 'if' cannot stand here", "join conditions with 'and'")
        if self.frame.waiting_if is not None:
            raise _Wrong(token.index, "an 'if' inside a condition", "put brackets around the inner 'a if b else c'")
        self.frame.waiting_if = token
        self.operand = True

    def loop(self, token: Token) -> None:
        self.no_waiting_if()
        if self.frame.kind not in ("call", "list") or self.frame.commas or self.frame.loop:
            hint = "loops stand in lists and in all, any, sum, min, max, count"
            raise _Wrong(token.index, "a 'for' cannot stand here", hint)
        name, word, function, bracket = (self.after(k) for k in range(1, 5))
        if name is None or name.kind != "name":
            raise _Wrong(token.index, "expected an index after 'for'", "as in: for i in range(3)")
        if word is None or word.text != "in":
            raise _Wrong(name.index, f"expected 'in' after 'for {name.text}'", "as in: for i in range(3)")
        if function is None or function.text != "range" or bracket is None or bracket.text != "(":
            raise _Wrong(word.index, "a loop runs over range(...)", f"as in: for {name.text} in range(3)")
        self.frame.loop = True
        self.at += 4
        self.push(_Frame("range", bracket))
        self.operand = True
