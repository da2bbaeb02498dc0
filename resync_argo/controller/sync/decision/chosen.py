"""The values of a release's parameters, and which of them changed since its newest Workflow; pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from resync_argo.api.parameters.parameter import Parameter
from resync_argo.api.parameters.values import changed, choose
from resync_argo.api.plan import Plan
from resync_argo.api.sync import Sync
from resync_argo.api.tag import Tag
from resync_argo.controller.state.workflow import Run as Workflow
from resync_argo.controller.sync.decision.phases import Phase, Why, run_of
from resync_argo.errors import Stalled


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """People's values for a release.

    Attributes:
        parameters: the Plan's.
        values: the values, by the parameters' names.
        trouble: why a run cannot begin with them; None: it can.
    """

    parameters: tuple[Parameter, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)
    trouble: Why | None = None

    @classmethod
    def of(cls, plan: Plan, tag: Tag, sync: Sync) -> "Chosen":
        """Return the values of the Tag and the Sync for a Plan."""
        parameters = plan.spec.config.parameters
        try:
            values = choose(parameters, tag=tag.spec.parameters, sync=sync.spec.parameters)
        except Stalled as error:
            why = Why(reason=error.reason, message=str(error))
            return cls(parameters=parameters, trouble=why)
        return cls(parameters=parameters, values=values)

    def changed(self, phase: Phase) -> str:
        """Return the values that differ from the newest Workflow's, as a list in words; "" for none.

        A pull request without a known Workflow, for example after the loss of a cluster, counts as
        up to date.
        """
        run = run_of(phase)
        if run is None or self.trouble is not None:
            return ""
        return ", ".join(changed(run.values, self.values, (it.name for it in self.parameters)))

    def taken_over(self, run: Workflow) -> Mapping[str, str]:
        """Return the values to compare with later, for a Workflow that was found.

        A Workflow that a person submitted with other values counts as up to date until somebody
        sets new ones.
        """
        if run.owner:
            return run.values
        return {name: value for name, value in self.values.items() if name in run.values}


NOTHING_SET = Chosen()
"""For a Plan without parameters."""
