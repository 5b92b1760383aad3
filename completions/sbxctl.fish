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

function __sbxctl_policies
    sbxctl seccomp list --names 2>/dev/null
end

# The calls and sets of the policy that the line names
function __sbxctl_calls
    set -l words (commandline -opc)
    set -l more
    for option in --policy --arch
        set -l at (contains -i -- $option $words)
        and test (count $words) -gt $at
        and set -a more $option $words[(math $at + 1)]
    end
    sbxctl seccomp explain --names $more 2>/dev/null
end

complete -c sbxctl -f
complete -c sbxctl -n __sbxctl_at -s h -l help -d 'Print a summary'
complete -c sbxctl -n __sbxctl_at -s V -l version -d 'Print the version'
complete -c sbxctl -n __sbxctl_at -a profile -d 'List, show and check profiles'
complete -c sbxctl -n __sbxctl_at -a seccomp -d 'Look at seccomp policies'
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

complete -c sbxctl -n '__sbxctl_at seccomp' -a list -d 'List the policies of the search path'
complete -c sbxctl -n '__sbxctl_at seccomp' -a show -d "Show a policy's statements with their origins"
complete -c sbxctl -n '__sbxctl_at seccomp' -a check -d 'Check policies'
complete -c sbxctl -n '__sbxctl_at seccomp' -a explain -d 'Tell what a policy says about a system call'
complete -c sbxctl -n '__sbxctl_at seccomp' -a dump -d 'Print the program that a policy makes'
complete -c sbxctl -n '__sbxctl_at seccomp' -a diff -d 'List the system calls about which two policies differ'
complete -c sbxctl -n '__sbxctl_at seccomp' -a import -d 'Print a seccomp profile of Docker as a policy'

complete -c sbxctl -n '__sbxctl_in seccomp list' -l names -d 'Print names only'
complete -c sbxctl -n '__sbxctl_in seccomp list; or __sbxctl_in seccomp show' -l json -d 'Print JSON'
complete -c sbxctl -n '__sbxctl_in seccomp explain; or __sbxctl_in seccomp diff' -l json -d 'Print JSON'
complete -c sbxctl -n '__sbxctl_in seccomp check' -l werror -d 'Let warnings count as errors'
complete -c sbxctl -n '__sbxctl_in seccomp check' -l all-archs -d 'For all architectures'
for verb in check explain dump diff
    complete -c sbxctl -n "__sbxctl_in seccomp $verb" -l arch -x -d 'For this architecture' \
        -a 'x86_64 i386 x32 aarch64 arm riscv64 ppc64le s390x'
end
for verb in explain dump diff
    complete -c sbxctl -n "__sbxctl_in seccomp $verb" -l no-floor -d 'Leave out what is under every policy'
end
complete -c sbxctl -n '__sbxctl_in seccomp dump' -l report -d 'The program of --report-denials'
complete -c sbxctl -n '__sbxctl_in seccomp dump' -l raw -d 'Write the bytes of the program'
complete -c sbxctl -n '__sbxctl_in seccomp explain' -l policy -x -d 'Ask this policy' -a '(__sbxctl_policies)'
complete -c sbxctl -n '__sbxctl_at seccomp explain' -a '(__sbxctl_calls)'
complete -c sbxctl -n '__sbxctl_at seccomp show' -F -a '(__sbxctl_policies)'
for verb in check dump diff
    complete -c sbxctl -n "__sbxctl_in seccomp $verb" -F -a '(__sbxctl_policies)'
end
