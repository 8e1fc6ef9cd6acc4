"""What is sent with an order about a mediation (调解的内容): the core's own commands, with words where it has seals."""

from datetime import UTC, date, datetime
from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import NODEFAULT, Meta, Struct

from huiyin.core.mediation.kinds import Committee, Helper, Referrer, Source
from huiyin.core.words import Sealed
from huiyin.web.bodies import Text
from huiyin.web.pen import Pen

# What the house says itself: the case's number, what the check of the words found.
OURS = frozenset(("case", "found"))
_NAMES = {"words": "text"}
_MANY = 50
_Moment = Annotated[datetime, Meta(tz=True, description="RFC 3339")]
_Code = Annotated[str, Meta(max_length=64)]
_Named = Annotated[str, Meta(min_length=1, max_length=64)]


@cache
def of(shape: type[Struct], without: frozenset[str] = frozenset(), who: str = "") -> type[Struct]:
    """The body of a command: every field but ours and `without`, words in the place of references; `who` asks."""
    hints = get_type_hints(shape, include_extras=True)
    fields: list[Any] = []
    for field in msgspec.structs.fields(shape):
        if field.name in OURS | without:
            continue
        one = (_NAMES.get(field.name, field.name), _plain(hints[field.name]))
        fields.append(one if field.default is NODEFAULT else (*one, field.default))
    return msgspec.defstruct(f"{who}{shape.__name__}Asked", fields, frozen=True, module=__name__)


def _plain(kind: Any) -> Any:
    """A type as it is sent."""
    if kind is Sealed:
        return Text
    if kind is datetime:
        return _Moment
    if kind is str:
        return _Code
    if isinstance(kind, type) and issubclass(kind, Struct):
        return of(kind)
    if get_origin(kind) is tuple:
        return Annotated[tuple[_plain(get_args(kind)[0]), ...], Meta(max_length=_MANY)]  # type: ignore[misc]
    if get_origin(kind) in (Union, UnionType):
        return Union[tuple(map(_plain, get_args(kind)))]  # noqa: UP007  # made, not written
    return kind


def filled(shape: type[Struct], body: Struct, pen: Pen, **given: Any) -> Any:
    """The command of a body; `given` are the fields that the house says, or who asks."""
    hints, made = get_type_hints(shape), dict(given)
    for field in msgspec.structs.fields(shape):
        name = _NAMES.get(field.name, field.name)
        if field.name not in made and name in body.__struct_fields__:
            made[field.name] = _sealed(hints[field.name], getattr(body, name), pen, name)
    return shape(**made)


def _sealed(kind: Any, value: Any, pen: Pen, name: str) -> Any:
    if get_origin(kind) in (Union, UnionType):
        kind = next(one for one in get_args(kind) if one is not type(None))
        if value is None or value == "":
            return None
    if kind is Sealed:
        return pen.write(name, value)
    if isinstance(value, tuple):
        return tuple(_sealed(get_args(kind)[0], one, pen, name) for one in value)
    if isinstance(value, Struct):
        return filled(kind, value, pen)
    return value.astimezone(UTC) if isinstance(value, datetime) else value


def said(value: Any) -> list[str]:
    """Every line of a body that is words, for the check of terms."""
    if isinstance(value, Struct):
        return [line for name in value.__struct_fields__ for line in said(getattr(value, name))]
    if isinstance(value, tuple):
        return [line for one in value for line in said(one)]
    return [value] if isinstance(value, str) else []


# -- people -----------------------------------------------------------------------------------------------


class Identity(Struct, frozen=True):
    """Who a party is: name, phone, home and all the rest go into the vault at once and nowhere else."""

    name: Annotated[str, Meta(min_length=1, max_length=64)]
    phone: Annotated[str, Meta(max_length=32)] | None = None
    building_code: _Named | None = None
    room: Annotated[str, Meta(max_length=32)] | None = None
    organisation: Annotated[_Named, Meta(description="岗位编码,如 property:小区编码")] | None = None
    sex: Literal["", "男", "女"] = ""
    ethnicity: Annotated[str, Meta(max_length=32, description="民族")] = ""
    born: date | None = None
    occupation: Annotated[str, Meta(max_length=64, description="职业")] = ""
    id_number: Annotated[str, Meta(max_length=32, description="身份证号码;单位的统一社会信用代码")] = ""
    head: Annotated[str, Meta(max_length=64, description="单位的法定代表人或者负责人")] = ""


class Companion(Identity, frozen=True):
    """Somebody who comes with a party or helps."""

    relation: Annotated[str, Meta(max_length=64, description="与当事人的关系、职业等,密封保存")] = ""


_Known = Annotated[str, Meta(max_length=64, description="已经登记过的这个人的代号;新的人写在 who 里")]


class Empowering(Struct, frozen=True):
    """授权委托; `who` is somebody new."""

    text: Text
    who: Companion | None = None
    agent: _Known = ""
    special: Annotated[bool, Meta(description="特别授权:可以代为同意、签字")] = False


class EmpoweringFor(Empowering, frozen=True, kw_only=True):
    """The same of a party that is named."""

    party: _Code


class Representing(Struct, frozen=True):
    """推选代表人; `who` are those who are new."""

    who: Annotated[tuple[Companion, ...], Meta(max_length=_MANY)] = ()
    persons: Annotated[tuple[_Known, ...], Meta(max_length=_MANY)] = ()


class RepresentingFor(Representing, frozen=True, kw_only=True):
    """The same of a party that is named."""

    party: _Code


class Inviting(Struct, frozen=True):
    """邀请参加; `who` is somebody new."""

    helper: Helper
    who: Companion | None = None
    person: _Known = ""


# -- opening ----------------------------------------------------------------------------------------------

_Requests = Annotated[tuple[Text, ...], Meta(max_length=10, description="申请事项,一条一条写")]


class Who(Identity, frozen=True):
    """A party of a new mediation."""

    kind: Literal["person", "organisation", "group"] = "person"
    applicant: bool = False


class Applying(Struct, frozen=True):
    """申请、移送、主动调解."""

    text: Text
    parties: Annotated[tuple[Who, ...], Meta(min_length=2, max_length=_MANY)]
    category: _Named
    source: Source = "application"
    committee: Annotated[_Named, Meta(description="调解委员会所在的社区或街道编码;缺省为本岗位的")] | None = None
    kind: Committee | None = None
    referrer: Referrer | None = None
    before: Annotated[_Named, Meta(description="纠纷再起时,原来那一件的编号")] | None = None
    requests: _Requests = ()


class FromTicket(Struct, frozen=True):
    """Whom the complaint is about; the complainant is who filed it."""

    parties: Annotated[tuple[Who, ...], Meta(min_length=1, max_length=_MANY)]
    text: Text
    requests: _Requests = ()


class Wording(Struct, frozen=True):
    """Terms as they are to be, before they are sealed."""

    text: Text
