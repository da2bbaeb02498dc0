"""A copy of the checkout with an interpreter of its own, in which modules are changed on disk.

Whatever a test starts with `sys.executable`, or with the program beside it, meets the changed module, too.
"""

import shutil
import subprocess
import sysconfig
import venv
from pathlib import Path


def copy_checkout(root: Path, target: Path) -> Path:
    """Copy the files that git knows or would add, and give them an interpreter.

    Returns:
        The interpreter.

    Raises:
        CalledProcessError: the root is not a checkout.
    """
    listed = ("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    done = subprocess.run(listed, cwd=root, stdout=subprocess.PIPE, check=True)
    for name in done.stdout.decode().split("\0")[:-1]:
        if (root / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(root / name, target / name)
    return _make_interpreter(target)


def _make_interpreter(checkout: Path) -> Path:
    """Make an environment that has our packages, and this checkout in place of the installed program."""
    folder = checkout / ".venv"
    venv.create(folder, symlinks=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    (packages / "checkout.pth").write_text(f"{checkout}\n{sysconfig.get_path('purelib')}\n")
    interpreter = folder / "bin" / "python"
    program = folder / "bin" / "resync-argo"
    program.write_text(
        f"#!{interpreter}\nimport sys\nfrom resync_argo.cli import main\nsys.exit(main())\n"
    )
    program.chmod(0o755)
    return interpreter
