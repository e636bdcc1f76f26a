"""dkai: from "I have heard of AI" to a first GPU job that ran, was affordable, and was allowed."""

__version__ = "0.1.0"
