"""What trusted code does for steps that make files again (`regenerate` in a Plan, regenerate.sh in the image).

`remake` settles conflicts in these files before the step, `tidied` asks people about versions that its tool chose.
"""
