# SPDX-License-Identifier: LGPL-2.1-or-later
# Macros that try one compiler or linker flag at a time, so that a flag one
# compiler lacks costs nothing but that flag.

# SBX_CC_FLAG(VARIABLE, FLAG)
# Append FLAG to VARIABLE if the compiler takes it without a word.
AC_DEFUN([SBX_CC_FLAG], [
	AS_VAR_PUSHDEF([cache], [sbx_cv_cc_$2])
	AC_CACHE_CHECK([whether $CC accepts $2], [cache], [
		sbx_saved_CFLAGS=$CFLAGS
		CFLAGS="$CFLAGS -Werror $2"
		AC_COMPILE_IFELSE([AC_LANG_PROGRAM([[]], [[]])],
			[AS_VAR_SET([cache], [yes])], [AS_VAR_SET([cache], [no])])
		CFLAGS=$sbx_saved_CFLAGS
	])
	AS_VAR_IF([cache], [yes], [AS_VAR_APPEND([$1], [" $2"])])
	AS_VAR_POPDEF([cache])
])

# SBX_CC_FLAGS(VARIABLE, FLAGS)
AC_DEFUN([SBX_CC_FLAGS], [m4_foreach_w([flag], [$2], [SBX_CC_FLAG([$1], m4_defn([flag]))])])

# SBX_LD_FLAG(VARIABLE, FLAG)
# Append FLAG to VARIABLE if a program links with it.
AC_DEFUN([SBX_LD_FLAG], [
	AS_VAR_PUSHDEF([cache], [sbx_cv_ld_$2])
	AC_CACHE_CHECK([whether $CC links with $2], [cache], [
		sbx_saved_CFLAGS=$CFLAGS
		sbx_saved_LDFLAGS=$LDFLAGS
		CFLAGS="$CFLAGS $SBX_CFLAGS -Werror"
		LDFLAGS="$LDFLAGS $2"
		AC_LINK_IFELSE([AC_LANG_PROGRAM([[]], [[]])],
			[AS_VAR_SET([cache], [yes])], [AS_VAR_SET([cache], [no])])
		CFLAGS=$sbx_saved_CFLAGS
		LDFLAGS=$sbx_saved_LDFLAGS
	])
	AS_VAR_IF([cache], [yes], [AS_VAR_APPEND([$1], [" $2"])])
	AS_VAR_POPDEF([cache])
])

# SBX_LD_FLAGS(VARIABLE, FLAGS)
AC_DEFUN([SBX_LD_FLAGS], [m4_foreach_w([flag], [$2], [SBX_LD_FLAG([$1], m4_defn([flag]))])])

# SBX_INSTRUMENT(VARIABLE, FLAGS)
# FLAGS change code and link alike (sanitizers, coverage) and were asked for: add them, or stop.
AC_DEFUN([SBX_INSTRUMENT], [
	AC_MSG_CHECKING([whether $CC compiles and links with $2])
	sbx_saved_CFLAGS=$CFLAGS
	CFLAGS="$CFLAGS $2"
	AC_LINK_IFELSE([AC_LANG_PROGRAM([[]], [[]])], [AC_MSG_RESULT([yes])], [
		AC_MSG_RESULT([no])
		AC_MSG_ERROR([$CC cannot link with $2 (missing run-time library?)])
	])
	CFLAGS=$sbx_saved_CFLAGS
	AS_VAR_APPEND([$1], [" $2"])
])
