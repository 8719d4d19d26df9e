"""Directory servers that speak LDAP (RFC 4511): OpenLDAP, Active Directory, others."""

from __future__ import annotations

from typing import Final

from screenpop.lookup.manifest import SourceField, SourceManifest
from screenpop.lookup.sources.ldap.address import ENCRYPTIONS
from screenpop.lookup.sources.ldap.people import NUMBER_ATTRIBUTES
from screenpop.lookup.sources.ldap.source import SEARCHES, LdapSource
from screenpop.wording import marked

MANIFEST: Final = SourceManifest(
    key="ldap",
    name="Directory (LDAP, Active Directory)",
    docs_path="sources/ldap.md",
    create=LdapSource,
    fields=(
        SourceField(
            key="server",
            label=marked("Server"),
            is_required=True,
            help=marked(
                "Such as ldaps://dc1.example.com; ldap:// is encrypted by StartTLS"
            ),
        ),
        SourceField(
            key="base_dn",
            label=marked("Where to search"),
            is_required=True,
            help=marked("The base DN: ou=people,dc=example,dc=com"),
        ),
        SourceField(
            key="bind_dn",
            label=marked("Sign in as"),
            help=marked(
                "A DN, or user@example.com at Active Directory; empty for anonymous"
            ),
        ),
        SourceField(key="password", label=marked("Password"), kind="secret"),
        SourceField(
            key="encryption",
            label=marked("Encryption of ldap://"),
            kind="choice",
            choices=ENCRYPTIONS,
            default=ENCRYPTIONS[0],
            help=marked(
                "“none” lets anyone on the way read the password and the numbers"
            ),
        ),
        SourceField(
            key="number_attributes",
            label=marked("Attributes with numbers"),
            default=NUMBER_ATTRIBUTES,
        ),
        SourceField(
            key="name_attributes",
            label=marked("Attributes with the name"),
            default=marked("displayName, cn"),
            help=marked("The first that an entry has"),
        ),
        SourceField(
            key="company_attributes",
            label=marked("Attributes with the company"),
            default=marked("company, o"),
        ),
        SourceField(
            key="title_attributes",
            label=marked("Attributes with the job title"),
            default="title",
        ),
        SourceField(
            key="mail_attributes",
            label=marked("Attributes with mail addresses"),
            default="mail",
        ),
        SourceField(
            key="filter",
            label=marked("Only entries that fit"),
            help=marked("A search filter, such as (objectClass=person); empty for all"),
        ),
        SourceField(
            key="search",
            label=marked("How to look for numbers"),
            kind="choice",
            choices=SEARCHES,
            default=SEARCHES[0],
            help=marked(
                "“quick” leaves out oddly written numbers, for very large directories"
            ),
        ),
        SourceField(
            key="link_template",
            label=marked("A person's page"),
            help=marked(
                "Made of attributes: https://intranet.example.com/people/{uid}"
            ),
        ),
    ),
)
