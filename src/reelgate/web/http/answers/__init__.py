"""Answers: JSON, lists line by line, problem documents, and what browsers of other origins may read."""
