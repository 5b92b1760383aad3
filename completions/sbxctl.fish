# fish completion for sbxctl
# SPDX-License-Identifier: LGPL-2.1-or-later

# The words before the cursor that are no options: sbxctl VERB SUBVERB
function __sbxctl_at
    set -l words (commandline -opc | string match -v -- '-*')
    test "$words[2..]" = "$argv"
end

# Whether VERB SUBVERB stand first
function __sbxctl_in
    set -l words (commandline -opc | string match -v -- '-*')
    test (count $words) -gt (count $argv)
    and test "$words[2..$(math 1 + (count $argv))]" = "$argv"
end

function __sbxctl_profiles
    sbxctl profile list --names 2>/dev/null
end

complete -c sbxctl -f
complete -c sbxctl -n __sbxctl_at -s h -l help -d 'Print a summary'
complete -c sbxctl -n __sbxctl_at -s V -l version -d 'Print the version'
complete -c sbxctl -n __sbxctl_at -a profile -d 'List, show and check profiles'
complete -c sbxctl -n __sbxctl_at -a doctor -d 'Tell what this host can do'

complete -c sbxctl -n '__sbxctl_in doctor' -l json -d 'Print JSON'
complete -c sbxctl -n '__sbxctl_in doctor' -l names -d 'Print the names of all features'

complete -c sbxctl -n '__sbxctl_at profile' -a list -d 'List the profiles of the search path'
complete -c sbxctl -n '__sbxctl_at profile' -a show -d "Show a profile's directives with their origins"
complete -c sbxctl -n '__sbxctl_at profile' -a check -d 'Check profiles without starting anything'
complete -c sbxctl -n '__sbxctl_at profile' -a path -d 'Show the files that make a profile'

complete -c sbxctl -n '__sbxctl_in profile list' -l names -d 'Print names only'
complete -c sbxctl -n '__sbxctl_in profile list; or __sbxctl_in profile show' -l json -d 'Print JSON'
complete -c sbxctl -n '__sbxctl_in profile check' -l werror -d 'Let warnings count as errors'
complete -c sbxctl -n '__sbxctl_at profile show; or __sbxctl_at profile path' -F -a '(__sbxctl_profiles)'
complete -c sbxctl -n '__sbxctl_in profile check' -F -a '(__sbxctl_profiles)'
