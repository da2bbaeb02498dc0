# Part of git.sh: writes down a conflict that nobody has decided.
#
# Out: refs/resync-argo/conflict, the file `conflict`.

# A second index, so that trees can be written while paths are unmerged.
scratch() {
    GIT_INDEX_FILE=$control/scratch.index "$real" -c core.quotePath=true "$@"
}

list_path() {
    unmerged_paths=$unmerged_paths$path$nl
    unmerged="$unmerged$stage1 $stage2 $stage3$tab$path$nl"
}

# Sets $unmerged_paths, and $unmerged to their stages, too.
scratch_from_index() {
    unmerged_paths= unmerged=
    each_unmerged list_path
    scratch read-tree --empty
    ours ls-files -s --full-name | scratch update-index --index-info
    printf '%s' "$unmerged_paths" | scratch update-index --force-remove --stdin
}

# Prints the tree of one stage of all unmerged paths.
tree_of_stage() {
    scratch read-tree --empty
    for line in $(ours ls-files -u --full-name); do
        case $line in
        *\ "$1$tab"*) printf '%s 0%s\n' "${line%% "$1$tab"*}" "$tab${line#*"$tab"}" ;;
        esac
    done | scratch update-index --index-info
    scratch write-tree --missing-ok
}

# Writes the conflict as one commit with the trees `merged`, `stage1`, `stage2`, `stage3`, and the
# record beside it, then stops. A record that could not be written must not look like a success.
record_conflict() {
    scratch_from_index
    tree=$({
        printf '040000 tree %s\tmerged\n' "$(scratch write-tree --missing-ok)"
        for number in 1 2 3; do
            printf '040000 tree %s\tstage%s\n' "$(tree_of_stage "$number")" "$number"
        done
    } | ours mktree)
    commit=$(ours commit-tree -m 'A conflict that nobody has resolved yet' "$tree")
    ours update-ref refs/resync-argo/conflict "$commit"
    printf '%s\n' "operation $operation" "stop $stop" "upstream $upstream" \
        "step ${RESYNC_STEP:-}" "picked ${picked:--}" "commit $commit" >"$control/conflict"
    say "$operation stopped at a conflict that needs a person; a pull request will ask for it:"
    printf '%s' "$unmerged_paths" >&2
}
