/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * consts.h - constants of the kernel's interface that a policy can name (consts.def): AF_INET, CLONE_NEWUSER, TIOCSTI …
 * Some differ between ABIs.
 */
#ifndef SBX_POLICY_CONSTS_H
#define SBX_POLICY_CONSTS_H

#include "policy/abi.h"

/*
 * The values of a name in all ABIs; false if there is no such name. They are those of <linux/…>, not sign-extended: AT_FDCWD
 * is 0xffffff9c.
 */
bool sbx_const_find(const char *name, uint64_t ret[SBX_N_ABIS]);
/* All names, sorted; for "did you mean". */
const char *const *sbx_const_names(size_t *ret_n);
/* The name of a value among those that begin with `prefix` ("AF_"), or NULL. */
const char *sbx_const_name(const char *prefix, enum sbx_abi abi, uint64_t value);

/* "EPERM" to 1 …, as in errno(3); 0 if there is no such name. */
unsigned sbx_errno_find(const char *name);
const char *sbx_errno_name(unsigned number);

#endif
