# A clean environment: fixed paths, and of the caller's only language, time zone, terminal and name
# SPDX-License-Identifier: LGPL-2.1-or-later
sbx-profile 1

clearenv
setenv PATH /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
setenv HOME ${HOME}
setenv XDG_RUNTIME_DIR /run/user/${UID}
setenv TMPDIR /tmp
when env:USER setenv USER ${env:USER}
when env:LOGNAME setenv LOGNAME ${env:LOGNAME}
when env:SHELL setenv SHELL ${env:SHELL}
when env:TERM setenv TERM ${env:TERM}
when env:COLORTERM setenv COLORTERM ${env:COLORTERM}
when env:NO_COLOR setenv NO_COLOR ${env:NO_COLOR}
when env:TZ setenv TZ ${env:TZ}
when env:LANG setenv LANG ${env:LANG}
when env:LANGUAGE setenv LANGUAGE ${env:LANGUAGE}
when env:LC_ALL setenv LC_ALL ${env:LC_ALL}
when env:LC_CTYPE setenv LC_CTYPE ${env:LC_CTYPE}
when env:LC_MESSAGES setenv LC_MESSAGES ${env:LC_MESSAGES}
when env:LC_TIME setenv LC_TIME ${env:LC_TIME}
when env:LC_NUMERIC setenv LC_NUMERIC ${env:LC_NUMERIC}
when env:LC_COLLATE setenv LC_COLLATE ${env:LC_COLLATE}
when env:LC_MONETARY setenv LC_MONETARY ${env:LC_MONETARY}
when env:LC_PAPER setenv LC_PAPER ${env:LC_PAPER}
