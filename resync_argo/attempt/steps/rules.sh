# Part of git.sh: what goes on in the clone, and what the Plan's rules say about it.
#
# In: the file `rules`, the variable UPSTREAM_COMMIT. `find_operation`, `each_unmerged`, `want`,
# `carry_out`, `decided` and `merge_entries` serve the other parts, too.

# Sets $stage1, $stage2, $stage3 and $path for each unmerged path and calls the function named $1.
# Further arguments are pathspecs.
each_unmerged() {
    visit=$1
    shift
    path=
    for line in $(ours --glob-pathspecs ls-files -u --full-name -- "$@"); do
        if [ "${line#*"$tab"}" != "$path" ]; then
            [ -z "$path" ] || "$visit"
            path=${line#*"$tab"} stage1=- stage2=- stage3=-
        fi
        entry=${line%%"$tab"*}
        id=${entry#* }
        entry_of=${entry%% *}:${id% *}
        case $entry in
        *\ 1) stage1=$entry_of ;;
        *\ 2) stage2=$entry_of ;;
        *\ 3) stage3=$entry_of ;;
        esac
    done
    [ -z "$path" ] || "$visit"
}

# Sets what is going on in the clone: $operation, $picked (the commit that is brought in, or empty),
# $stop (which of several stops this is: the picked commit's patch-id), and $upstream (the stage that
# holds upstream's side; git swaps "ours" and "theirs" in a rebase).
find_operation() {
    operation=index picked= stop=-
    if [ -d .git/rebase-apply ] && [ -f .git/rebase-apply/applying ]; then
        operation=am
        stop=$(ours patch-id --stable <.git/rebase-apply/patch)
    elif [ -d .git/rebase-merge ] || [ -d .git/rebase-apply ]; then
        operation=rebase
        picked=$(ours rev-parse -q --verify REBASE_HEAD || ours rev-parse -q --verify MERGE_HEAD)
    elif picked=$(ours rev-parse -q --verify MERGE_HEAD); then
        operation=merge
    elif [ "$commits" = no ]; then
        # A revert without a commit leaves the name of the one before it.
        picked=
    elif picked=$(ours rev-parse -q --verify CHERRY_PICK_HEAD); then
        operation=cherry-pick
    elif picked=$(ours rev-parse -q --verify REVERT_HEAD); then
        operation=revert
    fi
    case $operation in
    rebase | cherry-pick | revert)
        stop=$(ours diff-tree -p --no-ext-diff "$picked" | ours patch-id --stable)
        stop=${stop:-$picked}
        ;;
    esac
    stop=${stop%% *}
    stop=${stop:--}
    find_upstream
}

# Git before 2.34 leaves a file unmerged at the very place of the other side's directory, which no tree can
# hold; put aside as later ones do, under the name that it has in the work tree already.
put_aside() {
    case $(ours version) in *\ 2.3[0-3].*) ;; *) return 0 ;; esac
    tracked=$nl$(ours ls-files --full-name)$nl removed_paths= put=
    each_unmerged put_path_aside
    [ -n "$put" ] || return 0
    printf '%s' "$removed_paths" | ours update-index --force-remove --stdin
    printf '%s' "$put" | ours update-index --index-info
}

put_path_aside() {
    case $path in \"*) end=\" ;; *) end= ;; esac
    plain=${path#\"}
    plain=${plain%\"}
    case $tracked in *"$nl$plain/"* | *"$nl\"$plain/"*) ;; *) return ;; esac
    set +f
    for aside in "$plain"~*; do
        break
    done
    set -f
    [ -e "$aside" ] || aside=$plain~HEAD
    removed_paths=$removed_paths$path$nl
    number=0
    for entry in "$stage1" "$stage2" "$stage3"; do
        number=$((number + 1))
        [ "$entry" = - ] || put="$put${entry%%:*} ${entry#*:} $number$tab${end}$aside$end$nl"
    done
}

# Whatever is reachable from the tag is upstream's. What is not is downstream's where it is brought
# onto a HEAD that has the tag already (a rebase, carried patches). Undoing a commit is the other
# side's wish.
find_upstream() {
    upstream=3
    if [ -n "$picked" ] && ours merge-base --is-ancestor "$picked" "${UPSTREAM_COMMIT:-}" 2>/dev/null; then
        [ "$operation" != revert ] || upstream=2
    elif [ "$operation" != revert ] && ours merge-base --is-ancestor "${UPSTREAM_COMMIT:-}" HEAD 2>/dev/null; then
        upstream=2
    fi
}

# Sets $theirs and $own to the entries of upstream's and of downstream's side.
find_sides() {
    if [ "$upstream" = 3 ]; then
        theirs=$stage3 own=$stage2
    else
        theirs=$stage2 own=$stage3
    fi
}

# Gathers that $path shall be the entry $1; `carry_out` does it for all of them at once.
want() {
    if [ "$1" = - ]; then
        removed=$removed$path$nl
    else
        taken="$taken${1%%:*} ${1#*:} 0$tab$path$nl"
        written=$written$path$nl
    fi
}

carry_out() {
    [ -z "$removed" ] || printf '%s' "$removed" |
        ours --literal-pathspecs rm -f -q --ignore-unmatch --pathspec-from-file=-
    [ -z "$taken" ] || printf '%s' "$taken" | ours update-index --replace --index-info
    [ -z "$written" ] || printf '%s' "$written" | ours checkout-index -f -q -u --stdin
    removed= taken= written=
}

# decided KIND WHO RESULT: one line for the pull request's text and for the step's log.
decided() {
    printf '%s\t%s\t%s\t%s\t%s\n' "$1" "$2" "$operation $stop $stage1 $stage2 $stage3 $upstream" \
        "$path" "$3" >>"$control/decisions"
}

# Sets $merged to the entry that merging the contents of three entries gives: merge_entries OPTION
# OURS BASE THEIRS. Fails where they are no regular files or where contents conflict.
merge_entries() {
    case "$2 $3 $4" in
    100*:*\ 100*:*\ 100*:* | 100*:*\ -\ 100*:*) ;;
    *) return 1 ;;
    esac
    mode=${2%%:*}
    [ "$mode" != "${3%%:*}" ] || mode=${4%%:*}
    [ "$3" != - ] || [ "$mode" = "${4%%:*}" ] || return 1
    : >"$control/merge.base"
    ours cat-file blob "${2#*:}" >"$control/merge.ours" || return 1
    [ "$3" = - ] || ours cat-file blob "${3#*:}" >"$control/merge.base" || return 1
    ours cat-file blob "${4#*:}" >"$control/merge.theirs" || return 1
    ours merge-file -p -q "$1" "$control/merge.ours" "$control/merge.base" "$control/merge.theirs" \
        >"$control/merge.result" 2>/dev/null || return 1
    merged=$mode:$(ours hash-object -w --no-filters -- "$control/merge.result")
}

# Applies rule $number ($resolve, $keep_deleted) to one unmerged path; the first rule that matches
# has the word, so what it leaves to people ($asked) no later rule touches.
apply_rule_to_path() {
    case "$nl$asked" in *"$nl$path$nl"*) return ;; esac
    find_sides
    result=
    if [ "$keep_deleted" = yes ] && [ "$own" = - ] && [ "$stage1" != - ]; then
        result=-
    else
        case $resolve in
        Upstream) result=$theirs ;;
        Downstream) result=$own ;;
        Delete) result=- ;;
        Union) merge_entries --union "$own" "$stage1" "$theirs" && result=$merged ;;
        esac
    fi
    if [ -z "$result" ]; then
        asked=$asked$path$nl
        return
    fi
    decided rule "$number" "$result"
    say "$path: decided by rule $number of the Plan ($resolve)"
    want "$result"
}

apply_rule() {
    [ $# -gt 0 ] || return 0
    each_unmerged apply_rule_to_path "$@"
    carry_out
}

apply_rules() {
    [ -f "$control/rules" ] || return 0
    asked= number=0
    set --
    while IFS= read -r rule; do
        case $rule in
        "$tab"*) set -- "$@" "${rule#"$tab"}" ;;
        *)
            apply_rule "$@"
            set --
            number=$((number + 1)) resolve=${rule%% *} keep_deleted=${rule#* }
            ;;
        esac
    done <"$control/rules"
    apply_rule "$@"
}
