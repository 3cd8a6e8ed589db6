"""The words of a page, each in a sentence or two."""

GLOSSARY: tuple[tuple[str, str], ...] = (
    ("claim", "A statement about a network that is either true or false on each input."),
    (
        "explanation",
        ("A small program that is said to do what the network does. Its variables are its steps; each may have a place "
        "in the network."),
    ),
    (
        "network",
        "Here: the model that is explained, as a list of additions, multiplications and switches with fixed numbers.",
    ),
    ("unit", "One number that the network computes on its way from the input to the answer."),
    ("place", "The unit, or units, of the network that are said to hold a variable of the explanation."),
    ("input", "The numbers that the network is given. A claim speaks of all inputs in the ranges given."),
    ("condition", "What an input has to meet to be spoken of. Also called a precondition."),
    (
        "interchange",
        ("The network is run on one input, but at one place it is given what it held there on another input. If the "
        "explanation is right about causes, the answer changes as the explanation says."),
    ),
    (
        "all else replaced",
        ("The same, and everything that the explanation does not name is taken from yet another input. If the answer "
        "stays as the explanation says, nothing else matters."),
    ),
    ("counterexample", "An input on which the claim is false. One of them refutes the claim."),
    ("proof", "A chain of exact steps that covers all inputs at once. It is no sample and no statistic."),
    (
        "certificate",
        "The proof as a file. A small program, which shares nothing with the one that found the proof, can check it.",
    ),
    (
        "float32",
        ("The rounded numbers that computers run networks with. A float32 claim is about every way of rounding that is "
        "listed, not about one machine."),
    ),
    ("tolerance", "How far network and explanation may be apart and still count as equal."),
    (
        "shuffled network",
        ("The same network with the numbers in each of its tables in random order: what is true of it owes nothing to "
        "training."),
    ),
    ("wrong explanation", "The explanation with one small change. A good claim is false of nearly all of these."),
    ("hash", "A fingerprint of a file (SHA-256). Two different files do not have the same one."),
)
