"""A Plan becomes a WorkflowTemplate.

`compile_plan` is the entry point; only this package and `submit` use Hera.
"""

from resync_argo.compile.template import CompiledTemplate, compile_plan

__all__ = ["CompiledTemplate", "compile_plan"]
