"""The command line: one table of verbs; what a verb needs is imported when it is called."""

import importlib
import os
import sys

import click

from huiyin.settings import Explained

# verb → where its click command lives, and its line in the help (so that help imports nothing)
VERBS = {
    "up": ("huiyin.commands.up:up", "在这台机器上启动全部:NATS、PostgreSQL、各消费者与网页"),
    "web": ("huiyin.commands.web:web", "只运行网页与接口"),
    "consume": ("huiyin.commands.consume:consume_command", "只运行指名的消费者"),
    "db": ("huiyin.commands.db:db", "数据库结构升级"),
    "registry": ("huiyin.commands.registry:registry", "导入街道、社区、小区、网格、楼栋"),
    "replay": ("huiyin.commands.replay:replay", "把文件里的诉求发布出去并逐件核对去向"),
    "user": ("huiyin.commands.user:user", "账号"),
    "log": ("huiyin.commands.log:log_group", "校验、导出、重放办理日志"),
    "dead": ("huiyin.commands.dead:dead", "查看与重投死信"),
    "doctor": ("huiyin.commands.doctor:doctor", "检查设置、版本、权限与持久性,并说明怎么办"),
    "schema": ("huiyin.commands.schema:schema", "生成或核对 schemas/"),
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
        module, _, name = VERBS[cmd_name][0].partition(":")
        try:
            command: click.Command = getattr(importlib.import_module(module), name)
        except ModuleNotFoundError as error:
            if error.name != module:
                raise
            raise Explained(f"这个版本还没有 {cmd_name}") from error
        return _with_data(command)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The help's list, without importing the verbs."""
        with formatter.section("命令"):
            formatter.write_dl([(verb, line) for verb, (_, line) in VERBS.items()])


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
