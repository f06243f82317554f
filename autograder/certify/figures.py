"""The certificate's figures as data, for pages that show them beside what they are about."""

import json
from pathlib import Path
from typing import Any

from autograder.certify import holds
from autograder.certify.measure import Certificate
from autograder.grading.assignment import Assignment

NAME = "certificate.json"


def path_of(assignment: Assignment) -> Path:
    """Return where an assignment's figures are: with its graders, so that an installed package has them."""
    return assignment.folder / NAME


def figures(certificate: Certificate) -> dict[str, Any]:
    """Return the promises and, by exercise and criterion, what the criterion refuses."""
    summary = [
        {"what": line.what, "found": line.found, "asked": line.asked, "holds": not line.culprits}
        for line in holds.lines(certificate)
    ]
    return {"summary": summary, "exercises": {name: _exercise(certificate, name) for name in certificate.criteria}}


def render(certificate: Certificate) -> str:
    """Return the file's text."""
    return json.dumps(figures(certificate), ensure_ascii=False, indent=1) + "\n"


def _exercise(certificate: Certificate, exercise: str) -> dict[str, Any]:
    mistakes = certificate.mistakes_of(exercise)
    variants = [variant for variant in certificate.variants if variant.exercise == exercise]
    alone = holds.alone(certificate)[exercise]
    criteria = {
        criterion.name: {
            "refused": sum(criterion.name in mistake.fails for mistake in mistakes),
            "alone": alone[criterion.name],
            "lost_by": sum(criterion.name in variant.loses for variant in variants),
        }
        for criterion in certificate.criteria[exercise]
    }
    return {"mistakes": len(mistakes), "variants": len(variants), "criteria": criteria}
