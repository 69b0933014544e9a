"""Decides which report keeps which number when its days are worked out again. Pure functions.

A number stays with the report that contains its lead document. If several numbers meet in one
report, the lowest stays and the others lead to it. A report without a number gets a new one.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class FormerReport:
    """A report before the change.

    `lead_group`: the position of the group that contains its lead document now; None if no group
    does. `group_sizes`: the number of its stories in each group, by position.
    """

    id: int
    lead_group: int | None
    group_sizes: Mapping[int, int]


@dataclass(slots=True)
class NumberAssignment:
    """The numbers of the groups.

    `ids`: the number of each group, 0 if it needs a new one or is no report. `redirects`: a number
    that is left over -> the position of the group that it leads to. `gone`: numbers whose articles
    carry no report any more.
    """

    ids: list[int]
    redirects: dict[int, int] = field(default_factory=dict)
    gone: list[int] = field(default_factory=list)


def assign_numbers(are_reports: Sequence[bool], former: Sequence[FormerReport]) -> NumberAssignment:
    """Assigns the former numbers to groups of stories.

    `are_reports`: for each group, whether it is a report. First each number goes to the group with
    its lead document. Numbers without one then go to the group with most of their stories (ties:
    the first group), unless it has a number already. The lowest number comes first in both steps.
    """
    assignment = NumberAssignment([0] * len(are_reports))
    ordered = sorted(former, key=lambda each: each.id)
    for is_first_step in (True, False):
        for each in ordered:
            if (each.lead_group is not None) is not is_first_step:
                continue
            group = _claimed_group(each)
            if group is None or not are_reports[group]:
                assignment.gone.append(each.id)
            elif assignment.ids[group]:
                assignment.redirects[each.id] = group
            else:
                assignment.ids[group] = each.id
    return assignment


def _claimed_group(former: FormerReport) -> int | None:
    if former.lead_group is not None or not former.group_sizes:
        return former.lead_group
    largest_first = Counter(former.group_sizes)
    return min(largest_first, key=lambda group: (-largest_first[group], group))
