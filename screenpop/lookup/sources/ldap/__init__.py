"""Directory servers that speak LDAP (RFC 4511): OpenLDAP, Active Directory, others."""

from __future__ import annotations

from typing import Final

from screenpop.lookup.manifest import SourceField, SourceManifest
from screenpop.lookup.sources.ldap.address import ENCRYPTIONS
from screenpop.lookup.sources.ldap.people import NUMBER_ATTRIBUTES
from screenpop.lookup.sources.ldap.source import SEARCHES, LdapSource

MANIFEST: Final = SourceManifest(
    key="ldap",
    name="Directory (LDAP, Active Directory)",
    docs_path="sources/ldap.md",
    create=LdapSource,
    fields=(
        SourceField(
            key="server",
            label="Server",
            is_required=True,
            help="Such as ldaps://dc1.example.com; ldap:// is encrypted by StartTLS",
        ),
        SourceField(
            key="base_dn",
            label="Where to search",
            is_required=True,
            help="The base DN: ou=people,dc=example,dc=com",
        ),
        SourceField(
            key="bind_dn",
            label="Sign in as",
            help="A DN, or user@example.com at Active Directory; empty for anonymous",
        ),
        SourceField(key="password", label="Password", kind="secret"),
        SourceField(
            key="encryption",
            label="Encryption of ldap://",
            kind="choice",
            choices=ENCRYPTIONS,
            default=ENCRYPTIONS[0],
            help="“none” lets anyone on the way read the password and the numbers",
        ),
        SourceField(
            key="number_attributes",
            label="Attributes with numbers",
            default=NUMBER_ATTRIBUTES,
        ),
        SourceField(
            key="name_attributes",
            label="Attributes with the name",
            default="displayName, cn",
            help="The first that an entry has",
        ),
        SourceField(
            key="company_attributes",
            label="Attributes with the company",
            default="company, o",
        ),
        SourceField(
            key="title_attributes",
            label="Attributes with the job title",
            default="title",
        ),
        SourceField(
            key="mail_attributes",
            label="Attributes with mail addresses",
            default="mail",
        ),
        SourceField(
            key="filter",
            label="Only entries that fit",
            help="A search filter, such as (objectClass=person); empty for all",
        ),
        SourceField(
            key="search",
            label="How to look for numbers",
            kind="choice",
            choices=SEARCHES,
            default=SEARCHES[0],
            help="“quick” leaves out oddly written numbers, for very large directories",
        ),
        SourceField(
            key="link_template",
            label="A person's page",
            help="Made of attributes: https://intranet.example.com/people/{uid}",
        ),
    ),
)
