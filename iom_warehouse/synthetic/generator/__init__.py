"""The parts of the sample partnership, one module per concern. Whole columns are drawn at once; no row has a loop of its own.

Every part draws from a stream of random numbers of its own name, so that changing one part leaves the others as they were.
"""
