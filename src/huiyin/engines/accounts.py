"""Who is who on the bus: the house and its partner in one account, each department (职能部门) alone in its own."""

import json
from collections.abc import Mapping

ACCOUNT = "HUIYIN"
SERVICE, PARTNER = "huiyin", "partner"
COMMANDS, DEPARTMENTS = "COMMANDS", "DEPARTMENTS"  # streams: what departments say, and what they are told

# A partner files complaints and follows events. Other partners' complaints are none of its business.
PARTNER_MAY_PUBLISH = (
    "huiyin.intake.>",
    "$JS.API.INFO",
    "$JS.API.STREAM.NAMES",
    "$JS.API.STREAM.LIST",
    "$JS.API.STREAM.INFO.>",
    "$JS.API.STREAM.MSG.GET.EVENTS",
    "$JS.API.DIRECT.GET.EVENTS",
    "$JS.API.DIRECT.GET.EVENTS.>",
    "$JS.API.CONSUMER.CREATE.EVENTS",
    "$JS.API.CONSUMER.CREATE.EVENTS.>",
    "$JS.API.CONSUMER.DURABLE.CREATE.EVENTS.*",
    "$JS.API.CONSUMER.INFO.EVENTS.*",
    "$JS.API.CONSUMER.NAMES.EVENTS",
    "$JS.API.CONSUMER.LIST.EVENTS",
    "$JS.API.CONSUMER.DELETE.EVENTS.*",
    "$JS.API.CONSUMER.MSG.NEXT.EVENTS.*",
    "$JS.API.CONSUMER.INFO.INTAKE.>",
    "$JS.API.CONSUMER.NAMES.INTAKE",
    "$JS.API.CONSUMER.LIST.INTAKE",
    "$JS.ACK.EVENTS.>",
    "$JS.FC.>",
)
# The house's own consumers on EVENTS: who takes from one, answers for it or ends it takes events from the house.
OURS = ("mediation", "messenger", "whistles")
_CONSUMER = (
    "$JS.API.CONSUMER.CREATE.EVENTS.{}",
    "$JS.API.CONSUMER.CREATE.EVENTS.{}.>",
    "$JS.API.CONSUMER.DURABLE.CREATE.EVENTS.{}",
    "$JS.API.CONSUMER.DELETE.EVENTS.{}",
    "$JS.API.CONSUMER.MSG.NEXT.EVENTS.{}",
    "$JS.ACK.EVENTS.{}.>",
)
PARTNER_MAY_NOT_PUBLISH = tuple(one.format(name) for name in OURS for one in _CONSUMER)
PARTNER_MAY_SUBSCRIBE = ("_INBOX.>", "huiyin.event.>")

# What a department hears and says, under names that are the same for all: whose it is, the account says.
SAYS = "huiyin.command.whistle"
HEARS = ("huiyin.event.whistle.*", "huiyin.receipt.whistle")
DEPARTMENT_MAY_SUBSCRIBE = ("_INBOX.>", *HEARS)

_ACCOUNTS = """\
accounts {{
  {account} {{
    jetstream: enabled
    users: [
      # Huiyin's own processes; they listen on inboxes of their own (_INBOX_HUIYIN), which no partner may hear.
      {{ user: {service}, password: {service_password} }}
      # A partner files complaints and follows events. Other partners' complaints are none of its business.
      {{ user: {partner}, password: {partner_password}, permissions: {{
        publish: {{ allow: {publish}, deny: {never} }}
        subscribe: {{ allow: {subscribe} }}
      }} }}
    ]
    exports: [
{exports}    ]
  }}
{departments}}}
"""

_EXPORTS = """\
      {{ service: "huiyin.department.{token}.command", accounts: [{account}] }}
      {{ stream: "huiyin.department.{token}.event.*", accounts: [{account}] }}
      {{ stream: "huiyin.department.{token}.receipt", accounts: [{account}] }}
      {{ service: "{next}", response_type: stream, accounts: [{account}] }}
      {{ service: "{ack}", accounts: [{account}] }}
"""

_DEPARTMENT = """\
  # {post}
  {account} {{
    users: [ {{ user: {token}, password: {password}, permissions: {{
      publish: {{ allow: {publish} }}
      subscribe: {{ allow: {subscribe} }}
    }} }} ]
    imports: [
      {{ service: {{ account: {house}, subject: "huiyin.department.{token}.command" }}, to: "{says}" }}
      {{ stream: {{ account: {house}, subject: "huiyin.department.{token}.event.*" }}, to: "{events}" }}
      {{ stream: {{ account: {house}, subject: "huiyin.department.{token}.receipt" }}, to: "{receipts}" }}
      {{ service: {{ account: {house}, subject: "{next}" }} }}
      {{ service: {{ account: {house}, subject: "{ack}" }} }}
    ]
  }}
"""


def written(posts: Mapping[str, str], passwords: Mapping[str, str]) -> str:
    """The accounts of a server's configuration: `posts` token → department, `passwords` by user, each as the
    configuration has it (quoted, or the name of a variable)."""
    parts = {token: _names(token) for token in sorted(posts)}
    return _ACCOUNTS.format(
        account=ACCOUNT,
        service=SERVICE,
        service_password=passwords[SERVICE],
        partner=PARTNER,
        partner_password=passwords[PARTNER],
        publish=_lines(PARTNER_MAY_PUBLISH, 8),
        never=_lines(PARTNER_MAY_NOT_PUBLISH, 8),
        subscribe=json.dumps(PARTNER_MAY_SUBSCRIBE),
        exports="".join(_EXPORTS.format(**names) for names in parts.values()),
        departments="".join(_department(posts[token], passwords[token], names) for token, names in parts.items()),
    )


def department_may_publish(token: str) -> tuple[str, ...]:
    """All that a department may say."""
    names = _names(token)
    return SAYS, names["next"], names["ack"]


def _department(post: str, password: str, names: Mapping[str, str]) -> str:
    events, receipts = HEARS
    return _DEPARTMENT.format(
        **names,
        post=post,
        password=password,
        house=ACCOUNT,
        publish=_lines(department_may_publish(names["token"]), 6),
        subscribe=json.dumps(DEPARTMENT_MAY_SUBSCRIBE),
        says=SAYS,
        events=events.replace("*", "$1"),
        receipts=receipts,
    )


def _names(token: str) -> dict[str, str]:
    return {
        "token": token,
        "account": f"DEPARTMENT_{token}",
        "next": f"$JS.API.CONSUMER.MSG.NEXT.{DEPARTMENTS}.{token}",
        "ack": f"$JS.ACK.{DEPARTMENTS}.{token}.>",
    }


def _lines(subjects: tuple[str, ...], indent: int) -> str:
    """One subject a line, so that a person can compare."""
    pad = " " * indent
    return "[\n" + ",\n".join(f"{pad}  {json.dumps(one)}" for one in subjects) + f"\n{pad}]"
