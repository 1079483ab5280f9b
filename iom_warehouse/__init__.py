"""The warehouse of an Integrated Offender Management partnership; one sub-package per stage of the nightly run."""
