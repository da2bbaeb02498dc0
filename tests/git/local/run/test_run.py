"""`resync-argo run` runs a Plan on a laptop, with a folder as forge."""

import json
import os
import re
import shutil

import pytest

from tests.git.local_runs import (
    BRANCH,
    MERGE,
    PROGRAM,
    PULL_REQUEST,
    RESULT,
    Laptop,
    shell,
)
from tests.git.repositories import IDENTITY


def test_a_clean_release_becomes_a_pull_request_in_the_folder(laptop: Laptop) -> None:
    done = laptop.run()

    assert done.returncode == 0, done.stderr
    assert "title: Sync 1.1.0" in laptop.pull_request(1)
    downstream = laptop.world.downstream
    assert downstream.show(f"refs/heads/{RESULT}", "VERSION") == "1.1.0"
    assert downstream.show(f"refs/heads/{RESULT}", "ours.txt") == "ours"


def test_json_has_branch_commit_pull_request_and_steps(laptop: Laptop) -> None:
    told = laptop.run_json()

    assert told["outcome"] == "Synced"
    assert told["branch"] == RESULT
    assert told["commit"] == laptop.world.downstream.tip(RESULT)
    assert told["pullRequest"] == str(laptop.pulls / "0001.md")
    assert told["conflict"] is None
    assert [(it["name"], it["exit"]) for it in told["steps"]] == [
        ("Git merge", 0),
        ("pull-request", 0),
    ]
    assert all(it["seconds"] >= 0 for it in told["steps"])


def test_the_tags_own_name_is_accepted_too(laptop: Laptop) -> None:
    assert laptop.run("v1.1.0").returncode == 0


def test_a_run_leaves_nothing_behind(laptop: Laptop) -> None:
    laptop.write_plan(MERGE, {"run": "mkdir -p $HOME/go && : >$HOME/go/x && chmod 555 $HOME/go"})

    laptop.run()

    assert laptop.left_behind() == []


def test_a_second_run_finds_its_pull_request(laptop: Laptop) -> None:
    first = laptop.run_json()

    second = laptop.run_json()

    assert second["pullRequest"] == first["pullRequest"]
    assert second["commit"] == first["commit"]


def test_a_release_in_the_branch_needs_nothing(laptop: Laptop) -> None:
    done = laptop.run("1.0.0")

    assert done.returncode == 0
    assert "AlreadySynced" in done.stdout
    assert not list(laptop.pulls.glob("*.md"))


def test_a_failing_step_ends_the_run_with_its_message(laptop: Laptop) -> None:
    laptop.write_plan(MERGE, {"name": "Tidy", "run": "echo no such tool >&2; exit 7"}, PULL_REQUEST)

    done = laptop.run()

    assert done.returncode == 1
    assert "step `Tidy` ended with exit code 7: no such tool" in done.stdout
    assert (done.stdout + done.stderr).count("exit code 7") == 1
    assert not list(laptop.pulls.glob("*.md"))


def test_a_failure_of_a_dry_run_is_printed_last(laptop: Laptop) -> None:
    laptop.write_plan(MERGE, {"name": "Tidy", "run": "exit 7"}, PULL_REQUEST)

    done = laptop.run("1.1.0", "--dry-run")

    assert done.stdout == "Failed: step `Tidy` ended with exit code 7, and printed nothing\n"


def test_a_step_has_only_the_name_that_people_wrote(in_conflict: Laptop) -> None:
    done = in_conflict.run()

    named = [line for line in done.stderr.splitlines() if "merge" in line.lower()]
    assert named[0] == "Step: Git merge"
    for noise in ("02-", "Terminated", "step started", "step took", "of main"):
        assert noise not in done.stderr


def test_json_of_a_conflict_names_the_question_and_no_commit(in_conflict: Laptop) -> None:
    told = in_conflict.run_json()

    assert (told["outcome"], told["message"]) == ("Conflict", "1 file in conflict")
    assert told["commit"] is None


def test_a_conflict_waits_for_a_person_and_the_same_command_goes_on(in_conflict: Laptop) -> None:
    stopped = in_conflict.run_json()
    assert stopped["outcome"] == "Conflict"
    assert stopped["conflict"]["files"] == ["VERSION"]
    in_conflict.resolve(stopped["conflict"], {"VERSION": "1.1.0-downstream\n"})

    resumed = in_conflict.run_json()

    assert resumed["outcome"] == "Synced"
    tip = f"refs/heads/{RESULT}"
    assert in_conflict.world.downstream.show(tip, "VERSION") == "1.1.0-downstream"
    assert "<<<<<<<" not in in_conflict.world.downstream.git("log", "-p", tip)


def test_the_merge_names_the_branch_and_the_person_who_resolved_the_conflict(
    in_conflict: Laptop,
) -> None:
    stopped = in_conflict.run_json()
    in_conflict.resolve(stopped["conflict"], {"VERSION": "1.1.0-downstream\n"})

    in_conflict.run()

    message = in_conflict.world.downstream.git("log", "-1", "--format=%B", f"refs/heads/{RESULT}")
    name, address = IDENTITY["GIT_AUTHOR_NAME"], IDENTITY["GIT_AUTHOR_EMAIL"]
    assert message.splitlines()[0].endswith(f"into {BRANCH}")
    assert message.strip().splitlines()[-1] == f"Co-authored-by: {name} <{address}>"
    assert f"0001.md: 1 file, by `{name}`" in in_conflict.pull_request(2)


def test_a_foreign_commit_is_reported_with_the_ways_out(laptop: Laptop) -> None:
    laptop.run()
    down = laptop.world.downstream
    down.commit(RESULT, {"theirs.txt": "x\n"}, message="A person's")

    done = laptop.run()

    assert done.returncode == 1
    assert done.stdout.startswith("ForeignCommit: The branch")
    way_out = done.stdout.split("run the same command again: `")[1].split("`")[0]
    shell(laptop, [way_out])
    assert laptop.run().returncode == 0


def test_a_conflict_ends_with_exit_code_three_and_the_command_that_comes_next(
    in_conflict: Laptop,
) -> None:
    words = ("run", in_conflict.plan.name, "--tag", "1.1.0", "--forge", in_conflict.pulls.name)

    done = in_conflict.call(*words)

    assert done.returncode == 3
    last = (
        f"resync-argo resolve {in_conflict.plan.name} --tag 1.1.0 --forge {in_conflict.pulls.name}"
    )
    assert done.stdout.splitlines()[-1] == f"  {last}"


@pytest.mark.parametrize("begun", [False, True], ids=["at once", "after looking in"])
def test_the_commands_of_the_pull_request_resolve_it_by_hand(
    in_conflict: Laptop, *, begun: bool
) -> None:
    in_conflict.variables["PATH"] = f"{PROGRAM.parent}:{os.environ['PATH']}"
    words = ("run", in_conflict.plan.name, "--tag", "1.1.0", "--forge", in_conflict.pulls.name)
    in_conflict.call(*words)
    block = re.search(r"### On a laptop.*?```sh\n(.*?)\n```", in_conflict.pull_request(1), re.S)
    assert block is not None
    commands = block[1].splitlines()
    if begun:
        shell(in_conflict, commands[:1])
        # The unresolved files are printed, and the command that goes on.
        printed = in_conflict.call(*words).stdout.split("run the same command again:\n")[1]
        commands = [line.strip() for line in printed.splitlines()]
    else:
        commands = [*commands, f"resync-argo {' '.join(words)}"]
    edit = next(number for number, line in enumerate(commands) if line.startswith("# edit"))

    shell(in_conflict, [*commands[:edit], "echo resolved >VERSION", *commands[edit:]])

    assert in_conflict.world.downstream.show(f"refs/heads/{RESULT}", "VERSION") == "resolved"


def test_nothing_resolved_asks_again_with_the_same_pull_request(in_conflict: Laptop) -> None:
    first = in_conflict.run_json()

    second = in_conflict.run_json()

    assert second["outcome"] == "Conflict"
    assert second["pullRequest"] == first["pullRequest"]


def test_steps_get_no_token_and_only_the_variables_of_the_pod(laptop: Laptop) -> None:
    laptop.variables |= {"GITHUB_TOKEN": "secret-token", "MINE": "mine"}
    laptop.write_plan(MERGE, {"name": "Look", "run": "env"}, PULL_REQUEST)

    done = laptop.run()

    assert "UPSTREAM_VERSION=1.1.0" in done.stderr
    assert "UPSTREAM_REF=forge.test/upstream/project" in done.stderr
    assert "secret-token" not in done.stderr + done.stdout
    assert "MINE" not in done.stderr


def test_github_without_a_token_is_a_usage_error_that_says_what_to_do(laptop: Laptop) -> None:
    done = laptop.call("run", laptop.plan, "--tag", "1.1.0")

    assert done.returncode == 2
    assert "set GITHUB_TOKEN and GH_HOST=forge.test, or try with --dry-run" in done.stderr


def test_a_token_is_for_one_host_and_a_plan_with_another_does_not_get_it(
    laptop: Laptop,
) -> None:
    laptop.variables |= {"GITHUB_TOKEN": "of-github.com"}

    done = laptop.call("run", laptop.plan, "--tag", "1.1.0")

    assert done.returncode == 2
    assert "There is no token for forge.test" in done.stderr


@pytest.mark.parametrize("form", ["ssh://git@forge.test{}", "git@forge.test:{}"])
def test_ssh_has_the_persons_agent(laptop: Laptop, form: str) -> None:
    programs = laptop.root / "bin"
    programs.mkdir()
    ssh = programs / "ssh"
    # The host on the command line is this machine; the last argument is the command to run there.
    ssh.write_text('#!/bin/sh\n: "${SSH_AUTH_SOCK:?}"\nfor word; do :; done\neval "$word"\n')
    ssh.chmod(0o755)
    address = form.format(laptop.world.upstream.path)
    laptop.variables |= {
        "PATH": f"{programs}:{os.environ['PATH']}",
        "SSH_AUTH_SOCK": str(laptop.root / "agent"),
        "GIT_CONFIG_KEY_0": f"url.{address}.insteadOf",
    }

    done = laptop.run()

    assert done.returncode == 0, done.stderr


def test_a_forge_folder_needs_an_existing_parent_folder(laptop: Laptop) -> None:
    done = laptop.call("run", laptop.plan, "--tag", "1.1.0", "--forge", laptop.root / "a/b")

    assert done.returncode == 2
    assert f"There is no folder {laptop.root}/a for `--forge" in done.stderr


def test_without_a_tag_the_next_release_is_run(laptop: Laptop) -> None:
    laptop.write_plan(MERGE, PULL_REQUEST)

    done = laptop.call("run", laptop.plan, "--forge", laptop.pulls)

    assert done.returncode == 0, done.stderr
    assert "title: Sync 1.1.0" in laptop.pull_request(1)


@pytest.mark.parametrize("form", ["text", "json"])
def test_without_a_tag_it_is_not_a_failure_if_nothing_is_due(laptop: Laptop, form: str) -> None:
    laptop.write_plan(
        MERGE,
        PULL_REQUEST,
        upstream={"name": "forge.test/upstream/project", "matchedVersions": ["1.0.x"]},
    )

    done = laptop.call("run", laptop.plan, "--forge", laptop.pulls, "--format", form)

    assert done.returncode == 0, done.stderr
    assert "1.0.0 is the newest release of the Plan's range, and it needs no sync." in done.stdout
    assert not laptop.pulls.exists()


def test_a_release_out_of_range_is_synced_with_a_warning(laptop: Laptop) -> None:
    laptop.write_plan(
        MERGE,
        PULL_REQUEST,
        upstream={"name": "forge.test/upstream/project", "matchedVersions": ["2.x"]},
    )

    done = laptop.run()

    assert done.returncode == 0
    assert "A cluster would not sync 1.1.0: the Plan wants `2.x`." in done.stderr


def test_a_missing_version_is_answered_with_the_nearest_ones(laptop: Laptop) -> None:
    done = laptop.run("1.0.9")

    assert done.stdout == (
        "Failed: forge.test/upstream/project has no tag for version 1.0.9; the nearest are `1.0.0` and `1.1.0`,"
        " and `resync-argo preview` lists those that are due.\n"
    )


@pytest.mark.parametrize("words", [("run", "--tag", "1.1.0", "--dry-run"), ("preview",)])
def test_a_missing_branch_is_reported_with_the_plans_field(
    laptop: Laptop, words: tuple[str, ...]
) -> None:
    laptop.write_plan(
        MERGE, downstream={"name": "forge.test/downstream/project", "branch": "nosuch"}
    )

    done = laptop.call(words[0], laptop.plan, *words[1:])

    assert done.returncode == 1
    said = "forge.test/downstream/project has no branch `nosuch`: create it, or correct `config.downstream.branch`"
    assert said in done.stdout + done.stderr


@pytest.mark.parametrize("command", ["run", "preview", "delta", "doctor"])
def test_with_json_an_invalid_plan_is_reported_in_json(laptop: Laptop, command: str) -> None:
    laptop.plan.write_text("kind: Plam\n")

    done = laptop.call(command, laptop.plan, "--format", "json")

    assert done.returncode == 2
    told = json.loads(done.stdout)
    assert "`kind` must be one of" in told["message" if command == "run" else "error"]


def test_a_forge_folder_needs_the_downstream_on_this_machine(laptop: Laptop) -> None:
    laptop.variables |= {"GIT_CONFIG_COUNT": "1"}

    done = laptop.run()

    assert done.returncode == 2
    assert "git config --global url./path/to/clone.insteadOf https://forge.test/down" in done.stderr


def test_braces_of_a_script_arrive_unchanged(laptop: Laptop) -> None:
    laptop.write_plan(MERGE, {"name": "Braces", "run": "echo '{{.Dir}} <@ $HOME'"}, PULL_REQUEST)

    done = laptop.run()

    assert "\n{{.Dir}} <@ $HOME\n" in done.stderr


def test_a_machine_without_git_is_a_usage_error(laptop: Laptop) -> None:
    laptop.variables["PATH"] = str(laptop.root)

    for words in (("run", laptop.plan, "--tag", "1.1.0", "--dry-run"), ("preview", laptop.plan)):
        done = laptop.call(*words)

        assert done.returncode == 2
        assert (
            done.stderr.splitlines()[-1] == "Error: There is no `git` on this machine: install it."
        )


def test_a_missing_container_engine_is_a_usage_error(laptop: Laptop) -> None:
    programs = laptop.root / "bin"
    programs.mkdir()
    for name in ("git", "sh"):
        (programs / name).symlink_to(shutil.which(name) or name)
    laptop.variables["PATH"] = str(programs)

    done = laptop.run("1.1.0", "--steps-in", "podman")

    assert done.returncode == 2
    assert "There is no `podman` on this machine." in done.stderr
    assert laptop.left_behind() == []
