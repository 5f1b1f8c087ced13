"""The catalogue of rules is whole: no rule without a mutant, none without words, none unused."""

import re
from importlib import resources
from pathlib import Path

from mutants.clean import Gain, GainConfig
from mutants.packages import PACKAGES
from mutants.processes import PROCESSES
from mutants.projects import PROJECTS
from mutants.registry import pipeline_mutants

from scope.core.pipelines.base_schema import UsageType
from scope_testkit.checks.schema import shared_names
from scope_testkit.findings import Finding, rules
from scope_testkit.subject import Subject

# Caught below, for it takes two pipelines.
PAIRS = {"S025"}


def test_every_rule_has_a_mutant_and_every_mutant_a_rule():
    mutants = {name.split()[0] for name in pipeline_mutants()} | set(PACKAGES) | set(PROCESSES) | set(PROJECTS) | PAIRS
    assert mutants - {""} == set(rules())


def test_every_rule_is_used_in_a_check():
    with resources.as_file(resources.files("scope_testkit")) as folder:
        source = "\n".join(path.read_text() for path in Path(folder).rglob("*.py"))
    assert set(re.findall(r'"([PSXFVTM]\d{3})"', source)) == set(rules())


def test_every_rule_says_why_and_how_to_mend():
    for rule in rules().values():
        assert rule.severity in ("error", "warning")
        assert all(text.strip() for text in (rule.title, rule.why, rule.fix))


def test_controls_of_one_name_in_a_chain_are_found():
    class PostConfig(GainConfig):
        pipeline_id = "mutant-post"
        usage = [UsageType.POSTPROCESSOR]

    class Post(Gain):
        config = PostConfig

    subject = Subject(Post)
    (found,) = shared_names([subject], {"mutant-post": {"gain"}, "another": {"gain"}})
    assert isinstance(found, Finding)
    assert (found.code, found.place.field) == ("S025", "gain")
    assert not list(shared_names([subject], {"mutant-post": {"gain"}, "another": {"blur"}}))
