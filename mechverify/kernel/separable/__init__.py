"""ColumnSums of functions of one input each, also over a positive sum of such: tables, their bounds, what follows."""
