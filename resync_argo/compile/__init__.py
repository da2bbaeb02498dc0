"""A Plan becomes a WorkflowTemplate.

`compile_plan` is the way in; Hera is known here and in `submit` alone.
"""

from resync_argo.compile.template import CompiledTemplate, compile_plan

__all__ = ["CompiledTemplate", "compile_plan"]
