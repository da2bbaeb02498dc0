#!/bin/sh
# The `git` that steps meet first in their PATH: the user's own git, which asks at a conflict.
#
# Every command goes to the next `git` in PATH. When one leaves unmerged paths in the clone, trusted
# code is asked in the file `request` what to do with them (request.py says how), and its answer
# comes back through the pipe `answer` (reply.py): a tree to check out and a command that continues the
# operation, so that the script goes on as if nothing had happened; or nothing, and then the whole
# script is stopped. What is decided, and by whom, is nothing that this program knows.
#
# It is $control/bin/git beside the clone `repository`, and needs nothing but sh and git (>= 2.30).

set -f
tab='	'
IFS='
'

bin=${0%/*}
control=${bin%/*}
clone=${control%/*}/repository
conflict_code=10

real_git() {
    rest=$PATH:
    while [ -n "$rest" ]; do
        candidate=${rest%%:*}
        rest=${rest#*:}
        candidate=${candidate:-.}
        [ "${candidate%/}" != "$bin" ] && [ -f "$candidate/git" ] && [ -x "$candidate/git" ] || continue
        real=$candidate/git
        return
    done
    say "there is no git in this image; add it, or use another image"
    exit 127
}

say() {
    printf 'resync: %s\n' "$1" >&2
}

# Calls that merge: what a person's or an image's settings could change from one replay to the next
# is fixed. Options of the command itself come later and win.
merging() {
    "$real" -c rerere.enabled=false -c rerere.autoUpdate=false -c merge.conflictStyle=merge \
        -c merge.renameLimit=32767 -c core.commentChar='#' "$@"
}

# Sets $command to the git command behind the global options (git, "OPTIONS").
find_command() {
    command=
    while [ $# -gt 0 ]; do
        case $1 in
        -C | -c | --git-dir | --work-tree | --namespace | --config-env | --attr-source | --super-prefix)
            [ $# -gt 1 ] && shift
            ;;
        -*) ;;
        *)
            command=$1
            return
            ;;
        esac
        shift
    done
}

# Our own calls: paths quoted the same way everywhere.
ours() {
    "$real" -c core.quotePath=true "$@"
}

# A second index, so that a tree can be written while paths are unmerged.
scratch() {
    GIT_INDEX_FILE=$control/scratch.index ours "$@"
}

has_unmerged() {
    [ -n "$(ours ls-files -u)" ]
}

# `sh -e` alone would not do: a script may go on after a failing command, and then commit markers.
stop_script() {
    trap '' TERM
    kill -TERM 0
    exit "$conflict_code"
}

# Our own calls are about the clone, whatever the command before was given.
enter_clone() {
    unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_PREFIX GIT_OBJECT_DIRECTORY CDPATH
    unset GIT_LITERAL_PATHSPECS GIT_GLOB_PATHSPECS GIT_NOGLOB_PATHSPECS GIT_ICASE_PATHSPECS
    cd "$clone"
}

# Prints the entries of a tree that holds what is merged, and each unmerged file under a number.
list_objects() {
    printf '040000 tree %s\tmerged\n' "$(scratch write-tree --missing-ok)"
    number=0
    while IFS=' ' read -r mode id rest; do
        type=blob number=$((number + 1))
        [ "$mode" != 160000 ] || type=commit
        printf '%s %s %s\t%s\n' "$mode" "$type" "$id" "$number"
    done <"$control/unmerged"
}

# Writes the request; its last line says that it is whole. Arguments are those of the command.
write_request() {
    ours ls-files -u --full-name >"$control/unmerged"
    ours -c merge.autoEdit="${GIT_MERGE_AUTOEDIT:-no}" config -z --get-regexp '^(alias|merge|diff|commit)[.]' >"$control/config"
    ours rev-parse --sq-quote "$@" >"$control/arguments"
    scratch read-tree --empty
    ours ls-files -s --full-name | scratch update-index --index-info
    while IFS=$tab read -r entry path; do
        printf '%s\n' "$path"
    done <"$control/unmerged" | scratch update-index --force-remove --stdin
    commit=$(ours commit-tree -m 'What a command left unmerged' "$(list_objects | ours mktree --missing)")
    {
        printf '%s\n' "step ${RESYNC_STEP:-}" "commit $commit" "head $(ours rev-parse -q --verify HEAD)"
        printf 'committer %s\n' "$(ours var GIT_COMMITTER_IDENT)"
        for word in "$@"; do
            case $word in -*) continue ;; esac
            ! named=$(ours rev-parse -q --verify "$word^{commit}") || printf '%s\n' "named $named"
        done
        echo end
    } >"$control/request"
}

# Has a tool of the Plan propose a file: what it prints is looked at where it ended well. Arguments: the number
# of the file, and the seconds that it may take. The tool is the image's, and meets the image's own git.
propose() {
    file=$control/proposal.$1
    FILE=$(cat -- "$file.path") BASE=$file.base DOWNSTREAM=$file.downstream UPSTREAM=$file.upstream
    say "a tool proposes $FILE"
    rm -f -- "$file.out" "$file.code"
    (
        exec 8<&-
        ulimit -f 8192
        PATH=${PATH#"$bin:"}
        export FILE BASE DOWNSTREAM UPSTREAM
        exec sh -c "$(cat -- "$file.run")"
    ) </dev/null >"$file.out" &
    tool=$!
    (
        trap 'kill "$nap"; exit' TERM
        sleep "$2" &
        nap=$!
        wait "$nap"
        kill -KILL "$tool"
    ) >/dev/null 2>&1 8<&- &
    clock=$!
    wait "$tool"
    printf '%s\n' "$?" >"$file.code"
    kill "$clock" 2>/dev/null
}

# Does what trusted code answers, line by line; fails where that is to stop, or no answer at all.
follow_answer() {
    set --
    while IFS= read -r line; do
        value=${line#* }
        case $line in
        say\ *) say "$value" ;;
        propose\ *) propose "${value% *}" "${value#* }" ;;
        objects) ours unpack-objects -q <"$control/objects" || return 1 ;;
        tree\ *) ours read-tree --reset -u "$value" || return 1 ;;
        aside\ *) ours --glob-pathspecs clean -f -q -- "$value" ;;
        file\ *) ours cat-file blob "${value#* }" >".git/${value%% *}" ;;
        quiet) export GIT_EDITOR=: ;;
        word\ *) set -- "$@" "$value" ;;
        run)
            merging "$@" </dev/null
            code=$?
            set --
            ;;
        settled) return 0 ;;
        *) return 1 ;;
        esac
    done <&8
    return 1
}

# Has trusted code do what git has no command for: sets $code, or fails where a person is needed.
ask() {
    code=0
    if [ -p "$control/answer" ]; then
        exec 8<"$control/answer"
        write_request "$@"
        follow_answer && return
    fi
    : >"$control/conflict"
    return 1
}

# Settles conflict after conflict until the operation is complete: sets $code to git's exit code, or
# fails where a person is needed. Arguments are those of the command.
settle() {
    code=0
    while has_unmerged; do
        # Opened before the request is there: where who answers is gone, the pipe ends.
        if [ -p "$control/answer" ]; then
            exec 8<"$control/answer"
            write_request "$@"
            follow_answer && continue
        fi
        : >"$control/conflict"
        return 1
    done
}

real_git
find_command "$@"
case $command in
rev-parse | status) exec "$real" "$@" ;;
esac
# A script that goes on all the same must not commit what it left.
if [ -f "$control/conflict" ]; then
    [ "$command" = resync-unmerged ] || say "the step has stopped at a conflict"
    exit "$conflict_code"
fi
case $command in
resync-unmerged)
    # The wrapper asks after each script, and says its exit code, since another program may have left
    # unmerged paths: exit code 1 where there were some, and they are settled.
    enter_clone || exit 0
    has_unmerged || exit 0
    settle "$@" || exit "$conflict_code"
    exit 1
    ;;
carry | resync-tidied)
    enter_clone || exit 1
    settle "$@" || stop_script
    ask "$@" || stop_script
    exit "$code"
    ;;
add | commit | mv | rm | stage)
    # Another program may have left unmerged paths, which these would call resolved.
    (enter_clone || exit 0; settle "$@") || stop_script
    exec "$real" "$@"
    ;;
'' | archive | blame | branch | bundle | cat-file | check-* | clean | clone | commit-* | config | count-objects | describe \
    | diff* | fetch* | for-each-ref | format-patch | fsck | gc | grep | hash-object | help | init | log | ls-* | maintenance \
    | merge-base | merge-file | merge-tree | mk* | name-rev | notes | patch-id | push | range-diff | read-tree | reflog \
    | remote | repack | replace | reset | restore | rev-list | shortlog | show* | sparse-checkout | submodule | symbolic-ref \
    | tag | unpack-* | update-* | var | verify-* | version | worktree | write-tree)
    # None of these can leave unmerged paths that were not there before.
    exec "$real" "$@"
    ;;
esac
merging "$@"
code=$?
enter_clone || exit "$code"
has_unmerged || exit "$code"
settle "$@" || stop_script
exit "$code"
