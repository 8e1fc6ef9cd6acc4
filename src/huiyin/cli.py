"""The command line: one table of verbs; what a verb needs is imported when it is called."""

import importlib
import os
import sys
from types import ModuleType

import click

from huiyin.settings import Explained

# verb → its line in the help (so that help imports nothing); the command is in commands/<verb>.py
VERBS = {
    "up": "在这台机器上启动全部:NATS、PostgreSQL、各消费者与网页",
    "web": "只运行网页与接口",
    "consume": "只运行指名的消费者",
    "db": "数据库结构升级",
    "registry": "导入街道、社区、小区、网格、楼栋",
    "calendar": "导入每年的放假调休安排",
    "replay": "把文件里的诉求发布出去并逐件核对去向",
    "user": "账号、动态口令、利害关系",
    "post": "岗位:谁任、谁离任",
    "department": "职能部门的系统:经 NATS 参与吹哨报到的账号",
    "log": "校验、导出、重放办理日志",
    "dead": "查看与重投死信",
    "doctor": "检查设置、版本、权限与持久性,并说明怎么办",
    "schema": "生成或核对 schemas/",
}


class Verbs(click.Group):
    """Finds a verb in the table; gives every verb the option --data."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The verbs, in the table's order."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the verb and nothing else."""
        if cmd_name not in VERBS:
            return None
        name = f"huiyin.commands.{cmd_name}"
        try:
            module = importlib.import_module(name)
        except ModuleNotFoundError as error:
            if error.name != name:
                raise
            raise Explained(f"这个版本还没有 {cmd_name}") from error
        return _with_data(_command_of(module, cmd_name))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The help's list, without importing the verbs."""
        with formatter.section("命令"):
            formatter.write_dl(list(VERBS.items()))


def _command_of(module: ModuleType, verb: str) -> click.Command:
    return next(c for c in vars(module).values() if isinstance(c, click.Command) and c.name == verb)


def _with_data(command: click.Command) -> click.Command:
    if isinstance(command, click.Group):
        for inner in command.commands.values():
            _with_data(inner)
    elif all(parameter.name != "data" for parameter in command.params):
        command.params.append(_data_option())
    return command


def _data_option() -> click.Option:
    return click.Option(
        ["--data"],
        type=click.Path(file_okay=False),
        expose_value=False,
        is_eager=True,
        callback=_remember_data,
        help="数据目录(默认取 HUIYIN_DATA,再取 ~/.local/share/huiyin)",
    )


def _remember_data(_ctx: click.Context, _parameter: click.Parameter, value: str | None) -> None:
    """For this process and its children it is as if the variable had been set."""
    if value is not None:
        os.environ["HUIYIN_DATA"] = os.path.abspath(value)


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="huiyin")
def huiyin() -> None:
    """回音:诉求有人接,接了有人办,办了有回音。"""


def main() -> None:
    """Run a verb; what a person can put right is said in their words, without a traceback."""
    try:
        huiyin()
    except Explained as error:
        click.echo(str(error), err=True)
        sys.exit(1)
