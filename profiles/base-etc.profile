# The part of /etc that programs need to run, and nothing that tells of the host's services
# SPDX-License-Identifier: LGPL-2.1-or-later
sbx-profile 1

# Libraries and alternatives.
ro-bind-try /etc/ld.so.cache /etc/ld.so.cache
ro-bind-try /etc/ld.so.conf /etc/ld.so.conf
ro-bind-try /etc/ld.so.conf.d /etc/ld.so.conf.d
ro-bind-try /etc/alternatives /etc/alternatives
# Names of users, groups, hosts and ports.
ro-bind-try /etc/passwd /etc/passwd
ro-bind-try /etc/group /etc/group
ro-bind-try /etc/nsswitch.conf /etc/nsswitch.conf
ro-bind-try /etc/hosts /etc/hosts
# Of use with share-net only.
ro-bind-try /etc/resolv.conf /etc/resolv.conf
ro-bind-try /etc/host.conf /etc/host.conf
ro-bind-try /etc/gai.conf /etc/gai.conf
ro-bind-try /etc/services /etc/services
ro-bind-try /etc/protocols /etc/protocols
# Time, language, terminals, file types.
ro-bind-try /etc/localtime /etc/localtime
ro-bind-try /etc/timezone /etc/timezone
ro-bind-try /etc/locale.alias /etc/locale.alias
ro-bind-try /etc/locale.conf /etc/locale.conf
ro-bind-try /etc/terminfo /etc/terminfo
ro-bind-try /etc/inputrc /etc/inputrc
ro-bind-try /etc/mime.types /etc/mime.types
ro-bind-try /etc/magic /etc/magic
ro-bind-try /etc/os-release /etc/os-release
ro-bind-try /etc/debian_version /etc/debian_version
# Certificates, without private keys.
ro-bind-try /etc/ssl/certs /etc/ssl/certs
ro-bind-try /etc/ssl/openssl.cnf /etc/ssl/openssl.cnf
ro-bind-try /etc/ca-certificates.conf /etc/ca-certificates.conf
ro-bind-try /etc/pki/tls/certs /etc/pki/tls/certs
ro-bind-try /etc/pki/ca-trust/extracted /etc/pki/ca-trust/extracted
ro-bind-try /etc/crypto-policies /etc/crypto-policies
# Interpreters and fonts.
ro-bind-try /etc/perl /etc/perl
ro-bind-try /etc/python3 /etc/python3
ro-bind-try /etc/java-11-openjdk /etc/java-11-openjdk
ro-bind-try /etc/java-17-openjdk /etc/java-17-openjdk
ro-bind-try /etc/java-21-openjdk /etc/java-21-openjdk
ro-bind-try /etc/fonts /etc/fonts
ro-bind-try /etc/xml /etc/xml
ro-bind-try /etc/sgml /etc/sgml
