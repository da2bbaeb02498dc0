"""`resync-argo run --set` gives one release's value to steps and to the pull request's text."""

from tests.git.local_runs import MERGE, RESULT, Laptop

JIRA = {"name": "JIRA", "pattern": "[A-Z]+-[0-9]+", "description": "the bug"}
NOTE = {"name": "NOTE", "pattern": ".+", "default": "none"}
NOTED = {
    "name": "Note",
    "run": 'printf "%s\\n" "$JIRA" "$NOTE" >notes && git add notes && git commit -m "$NOTE"',
}
PULL_REQUEST = {
    "action": {
        "type": "pull-request",
        "title": "${JIRA:+$JIRA: }Sync $UPSTREAM_VERSION",
        "body": "Note: $NOTE",
    }
}
NASTY = "`id` $(id) ${HOME} {{workflow.name}} '\" [x](y) <!-- @ann fixes #1 -->"


def planned(laptop: Laptop, **more: object) -> None:
    laptop.write_plan(MERGE, NOTED, PULL_REQUEST, parameters=[JIRA | more, NOTE])


def notes(laptop: Laptop) -> str:
    return laptop.world.downstream.show(f"refs/heads/{RESULT}", "notes")


def test_a_value_is_in_steps_and_texts_and_empty_if_unset(laptop: Laptop) -> None:
    planned(laptop)

    bare = laptop.run()
    before = laptop.pull_request(1), notes(laptop)
    done = laptop.run("1.1.0", "--set", "JIRA=OCPBUGS-1", "--set", "NOTE=a b")

    assert (bare.returncode, done.returncode) == (0, 0), bare.stderr + done.stderr
    assert "title: Sync 1.1.0" in before[0]
    assert before[1] == "\nnone"
    after = laptop.pull_request(1)
    assert "OCPBUGS-1: Sync 1.1.0" in after
    assert "Note: a b" in after
    assert notes(laptop) == "OCPBUGS-1\na b"


def test_an_untrusted_value_is_only_text(laptop: Laptop) -> None:
    planned(laptop)

    done = laptop.run("1.1.0", "--set", f"NOTE={NASTY}")

    assert done.returncode == 0, done.stderr
    assert notes(laptop) == f"\n{NASTY}"
    body = laptop.pull_request(1)
    for active in ("[x](y)", "<!-- @", "@ann", "#1 "):
        assert active not in body


def test_an_invalid_value_is_a_usage_error_before_anything_is_done(
    laptop: Laptop,
) -> None:
    planned(laptop, required=True)

    refused, missing = laptop.run("1.1.0", "--set", "JIRA=ocpbugs-1"), laptop.run()

    assert (refused.returncode, missing.returncode) == (2, 2)
    assert "JIRA must match `[A-Z]+-[0-9]+` (the bug)." in refused.stderr
    assert "JIRA has no value, and the Plan requires one" in missing.stderr
    assert not laptop.pulls.exists()


def test_a_persons_edits_stay_whatever_is_set(laptop: Laptop) -> None:
    planned(laptop)
    laptop.run()
    file = laptop.pulls / "0001.md"
    file.write_text(file.read_text().replace("title: Sync 1.1.0", "title: Ours"))

    laptop.run("1.1.0", "--set", "JIRA=A-1", "--set", "NOTE=new")

    assert "title: Ours" in laptop.pull_request(1)
    assert "Note: new" in laptop.pull_request(1)


def test_preview_lists_the_parameters_of_each_release(laptop: Laptop) -> None:
    planned(laptop, required=True)

    done = laptop.call("preview", laptop.plan)

    assert (
        "JIRA must match `[A-Z]+-[0-9]+` (the bug); a release waits until it is set" in done.stdout
    )
    assert "NOTE must match `.+`; `none` where nobody sets it" in done.stdout
