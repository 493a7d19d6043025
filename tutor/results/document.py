"""A report as one JSON document: every figure, and nobody's name."""

from __future__ import annotations

from engine.statistics.items import Discrimination, Quartiles
from tutor.documents import Document
from tutor.results.figures import (
    OptionFigures,
    ParameterFigures,
    PartFigures,
    ProblemFigures,
    Report,
    SlipFigures,
)


def report_document(report: Report) -> Document:
    """Shares are from 0 to 1, times in seconds; null stands where a ``reason`` is given."""
    scores, trust = report.scores, report.trust
    document: Document = {
        "rows": report.rows,
        "responses": report.responses,
        "students": report.students,
        "scores": None,
        "reliability": {
            "alpha": trust.reliability.value,
            "standard_error": trust.reliability.error,
            "problems": len(trust.problems),
            "students": trust.students,
            "reason": trust.reliability.reason,
        },
        "problems": [_problem(one) for one in report.problems],
        "notices": list(report.notices),
    }
    if scores is not None:
        document["scores"] = {
            "mean": scores.mean,
            "deviation": scores.deviation,
            "quartiles": _quartiles(scores.quartiles),
            "tenths": list(scores.tenths),
        }
    return document


def _problem(one: ProblemFigures) -> Document:
    return {
        "id": one.id,
        "title": one.title,
        "responses": one.responses,
        "facility": one.facility,
        "discrimination": _discrimination(one.discrimination),
        "alpha_without": one.alpha_without,
        "seconds": _quartiles(one.time),
        "variants": one.variants,
        "drawn": one.drawn,
        "notice": one.notice,
        "parts": [_part(part) for part in one.parts],
        "parameters": [_parameter(parameter) for parameter in one.parameters],
    }


def _part(one: PartFigures) -> Document:
    return {
        "id": one.id,
        "responses": one.responses,
        "facility": one.facility,
        "correct": one.correct,
        "invalid": one.invalid,
        "unanswered": one.unanswered,
        "discrimination": _discrimination(one.discrimination),
        "slips": [_slip(slip) for slip in one.slips],
        "options": [_option(option) for option in one.options],
    }


def _slip(one: SlipFigures) -> Document:
    return {
        "name": one.slip.name,
        "recognised": one.slip.recognised,
        "times": one.times,
        "text": one.example.said,
        "example": {
            "code": one.example.code,
            "response": one.example.response,
            "read_as": one.example.read_as,
        },
    }


def _option(one: OptionFigures) -> Document:
    return {
        "id": one.id,
        "text": one.text,
        "right": one.right,
        "shown": one.who.shown,
        "chosen": one.who.chosen,
        "share": one.who.share,
        "rest": one.who.rest,
        "best_third": one.who.best,
        "weakest_third": one.who.weakest,
    }


def _parameter(one: ParameterFigures) -> Document:
    return {
        "name": one.name,
        "harder": one.differs,
        "groups": [group._asdict() for group in one.groups],
        "left_out": one.left_out,
        "test": {
            "statistic": one.test.statistic,
            "freedom": one.test.freedom,
            "p": one.test.p,
            "corrected": one.corrected,
        },
    }


def _discrimination(one: Discrimination) -> Document:
    return {
        "value": one.value,
        "low": one.low,
        "high": one.high,
        "students": one.students,
        "reason": one.reason,
    }


def _quartiles(one: Quartiles | None) -> Document | None:
    if one is None:
        return None
    return {"lower": one.lower, "median": one.median, "upper": one.upper, "values": one.values}
