# SPDX-License-Identifier: Apache-2.0
# fish completion for hull, made by docs/generate from hull's tables.

@TABLES@
# What a kind stands for, for the current word; a prefix such as '--root=' is put before each.
function __hull_offer
    set -l current $argv[2]
    switch "$argv[1]"
        case files
            __fish_complete_path $current
        case directories
            __fish_complete_directories $current
        case commands
            complete -C "$current"
        case ids
            $argv[3..-1] list -q 2>/dev/null
        case 'words *'
            string split ' ' -- (string replace 'words ' '' -- $argv[1])
    end
end

function __hull_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l globals $words[1]
    set -l name ''
    set -l pending ''
    set -l over ''
    set -l position 1
    for word in $words[2..-1]
        if test -n "$pending"
            test -n "$name"; or set -a globals $pending $word
            set pending ''
        else if test -z "$over" -a "$word" = --
            set over yes
        else if test -z "$over"; and string match -q -- '-?*=*' $word
            test -n "$name"; or set -a globals $word
        else if test -z "$over"; and string match -q -- '-?*' $word
            test -n (__hull_value "$name" "$word" | string collect -a); and set pending $word
        else if test -z "$name"
            set name $word
        else
            set position (math $position + 1)
            set over $over(__hull_options_first $name | string collect -a)
        end
    end
    if test -n "$pending"
        __hull_offer (__hull_value "$name" "$pending") "$current" $globals
    else if test -z "$over"; and string match -q -- '-*=*' $current
        set -l parts (string split -m 1 = -- $current)
        __hull_offer (__hull_value "$name" "$parts[1]") "$parts[2]" $globals | string replace -r -- '^' "$parts[1]="
    else if test -z "$over"; and string match -q -- '-*' $current
        __hull_options $name
    else if test -z "$name"
        __hull_commands
    else
        set -l kind (__hull_argument $name $position)
        __hull_offer "$kind" "$current" $globals
    end
end
complete -c hull -f -a '(__hull_complete)'
