"""`huiyin schema`: write the published schemas from the code, or say where they differ."""

from pathlib import Path

import click


@click.command()
@click.option("--check", is_flag=True, help="只核对,不写;不一致时退出码为 1")
@click.option("--folder", default="schemas", show_default=True, type=click.Path(path_type=Path), help="目录")
def schema(check: bool, folder: Path) -> None:
    """由代码生成 schemas/(JSON Schema、AsyncAPI、OpenAPI),或核对它是否与代码一致。

    在项目目录中运行;不需要任何服务。schemas/golden/ 是手写的样例,不在此列。
    """
    from huiyin.schema import differing, write  # loads the whole web application

    changed = differing(folder) if check else write(folder)
    if not changed:
        click.echo(f"{folder} 与代码一致")
        return
    for name in changed:
        click.echo(f"{'不一致' if check else '已更新'}:{folder / name}", err=check)
    if check:
        click.echo("请运行 huiyin schema 重新生成,看过差异后一并提交;已发布的消息若变了形状,应另立新版本", err=True)
        raise SystemExit(1)
