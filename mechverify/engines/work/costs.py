"""What work costs, in steps: measured once on an idle core, and a convention since.

Wrong costs make nothing wrong: a search that is charged too much ends early, one that is charged too little is waited
for. A cost may be changed like any other constant of a search: what comes of it is the new version's.
"""

# An engine's process, before it does anything.
START = 10_000.0

# The kernel's rules in this process: an attempt; what a path has, which is copied; the evaluation of a node, of a term
# of a sum, and of a term for each column of the forms; a term of a row or polynomial; a term that a step counts, and
# one of an enumeration.
ATTEMPT = 60.0
PATH_ENTRY = 1.0
NODE = 8.0
TERM = 0.25
TERM_COLUMN = 0.009
EXACT_TERM = 1.0
STEP_TERM = 0.5
SWEPT_TERM = 1.0

# The kernel's rules at points: a node, and a term of a sum.
POINT_NODE = 8.0
POINT_TERM = 0.5

# numpy at many points: an operation on a group of nodes, a number, and a product in a sum; likewise for slopes.
GROUP = 8.0
CELL = 0.006
PRODUCT = 0.0001
SLOPE_GROUP = 14.0
SLOPE_CELL = 0.01

# Points that a search proposes and ranks: a batch of them, a point, and a number of a point.
LOOK = 500.0
RANKED = 0.3
DRAWN = 0.15

# Intervals at many points, and points listed in Python: a number.
INTERVAL_NODE = 10.0
INTERVAL_CELL = 0.03
LISTED = 0.2

# numpy on many boxes: an operation on a group, a box, a fact, a coefficient, and a product for each column.
FORM_GROUP = 80.0
BOX = 40.0
FACT = 8.0
FORM_CELL = 0.02
FORM_PRODUCT = 0.0005
PIVOT = 250.0
PIVOT_CELL = 0.004

# Reading a graph, by nodes and by terms.
READ_NODE = 20.0
READ_TERM = 0.4

# Lattices in exact integers: a row in a step of the reduction, and a search for near points.
LATTICE_ROW = 60.0
LATTICE_NEAR = 600.0

# Maps: the evaluation of a node on a part, and of the same when it is checked and told.
MAP_NODE = 40.0

# What is done beside a search: a check by the kernel's own process, and runs of a model: for each call, each point,
# each node of the claim's graph and each run that values are taken from at each point.
CHECK = 5_000.0
RUN = 400.0
RUN_POINT = 500.0
RUN_NODE = 0.3
RUN_SOURCE = 2_500.0

# Runs of a model at many points that are only ranked: a point, and each node of the claim's graph.
RUN_ROW = 40.0
RUN_ROW_NODE = 0.04

# Solvers: a unit of what they count themselves, and reading a byte. z3's units are worth the more the longer the text
# and its numbers are, but for sums of reals.
Z3_UNIT_OF_REALS = 0.15
Z3_LEAST_UNIT = 0.3
Z3_UNIT = 1e-4
CVC5_UNIT = 5.0
SMT_BYTE = 1.0
