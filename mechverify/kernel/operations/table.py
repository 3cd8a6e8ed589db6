"""The table of operations, by the names that problem files have for them."""

from .affine import AFFINE
from .comparisons import EQ, LE, LT
from .feed import ROUND32
from .ite import ITE
from .leaves import BOOL, CONST, FREE, INPUT
from .logic import AND, NOT, OR
from .lookup import TABLE
from .operation import Operation
from .products import DIV, MUL
from .s_shaped import ERF, SIGMOID, TANH
from .smooth import EXP, LOG, SQRT
from .steps import FLOOR, ROUND
from .switches import ABS, MAX, MIN, RELU

OPERATIONS: dict[str, Operation] = {
    "input": INPUT,
    "const": CONST,
    "affine": AFFINE,
    "mul": MUL,
    "div": DIV,
    "relu": RELU,
    "abs": ABS,
    "max": MAX,
    "min": MIN,
    "floor": FLOOR,
    "round": ROUND,
    "sqrt": SQRT,
    "exp": EXP,
    "log": LOG,
    "tanh": TANH,
    "sigmoid": SIGMOID,
    "erf": ERF,
    "round32": ROUND32,
    "ite": ITE,
    "table": TABLE,
    "bool": BOOL,
    "free": FREE,
    "le": LE,
    "lt": LT,
    "eq": EQ,
    "and": AND,
    "or": OR,
    "not": NOT,
}
