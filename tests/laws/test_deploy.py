"""deploy/ says what the code does: the same roles, the same NATS rules, real commands, real settings."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import asyncpg
import pytest
import yaml

from huiyin.cli import VERBS
from huiyin.engines import accounts, nats, postgres
from huiyin.engines.postgres import Postgres
from huiyin.settings import PREFIX, Settings
from huiyin.store import migrate
from tests.laws.sources import ROOT

DEPLOY = ROOT / "deploy"
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))


def statements() -> list[str]:
    """roles.sql, one statement each, on one line."""
    text = re.sub(r"--.*", "", (DEPLOY / "postgresql" / "roles.sql").read_text())
    return [" ".join(part.split()) for part in text.split(";") if part.strip()]


def test_an_administrator_makes_what_the_embedded_server_has(pg: Postgres) -> None:
    """The same roles with the same rights; only passwords and the locale (initdb's there) are said elsewhere."""
    embedded = [re.sub(r" PASSWORD '.*'", "", line) for line in pg._statements()[1:]]
    own = [line.split(" TEMPLATE ")[0] for line in statements()]
    assert own == embedded


async def test_roles_apply_and_the_migration_grants(pg: Postgres) -> None:
    """On a fresh server: roles.sql, passwords, migration; then the services may add to the log and not change it."""
    names = (postgres.OWNER, postgres.APP, postgres.VAULT)
    admin = await asyncpg.connect(pg.url(postgres.ADMIN))
    try:
        for line in statements():
            await admin.execute(line.replace("huiyin", "elsewhere"))
        await admin.execute("ALTER ROLE elsewhere_owner PASSWORD 'made-up'")
        url = pg.url(postgres.OWNER, "elsewhere").split("@")[1]
        await migrate.upgrade(f"postgresql://elsewhere_owner:made-up@{url}")
        inside = await asyncpg.connect(pg.url(postgres.ADMIN, "elsewhere"))
        rights = "SELECT has_table_privilege($1, $2, $3)"
        try:
            assert (
                await inside.fetchval("SELECT tableowner FROM pg_tables WHERE tablename = 'log'") == "elsewhere_owner"
            )
            assert await inside.fetchval(rights, postgres.APP, "log", "INSERT")
            assert not await inside.fetchval(rights, postgres.APP, "log", "UPDATE, DELETE, TRUNCATE")
            assert not await inside.fetchval(rights, postgres.APP, "vault.dossiers", "SELECT")
            assert await inside.fetchval(rights, postgres.VAULT, "vault.dossiers", "SELECT")
            may = "SELECT has_database_privilege($1, 'elsewhere', 'CONNECT')"
            assert [await inside.fetchval(may, f"elsewhere_{name}") for name in ("app", "vault")] == [True, True]
            assert not await inside.fetchval(may, names[0]), "nobody else may even connect"
        finally:
            await inside.close()
    finally:
        await admin.execute("DROP DATABASE IF EXISTS elsewhere WITH (FORCE)")
        for name in ("owner", "app", "vault"):
            await admin.execute(f"DROP ROLE IF EXISTS elsewhere_{name}")
        await admin.close()


# -- NATS -------------------------------------------------------------------------------------------------

CONF = (DEPLOY / "nats" / "nats.conf").read_text()


OURS = {accounts.SERVICE: "$HUIYIN_NATS_PASSWORD", accounts.PARTNER: "$HUIYIN_PARTNER_PASSWORD"}
TWO = {"chengguan": "department:城管", "gongan": "department:公安"}


def test_everybody_may_the_same_everywhere() -> None:
    """The accounts of the embedded server are those that are shipped: the partner's rights, and a department's."""
    assert (DEPLOY / "nats" / "accounts.conf").read_text() == accounts.written({}, OURS)
    example = accounts.written(TWO, OURS | dict.fromkeys(TWO, '"replace-me"'))
    assert (DEPLOY / "nats" / "accounts-example.conf").read_text() == example


def test_what_keeps_complaints_safe_is_the_same_everywhere() -> None:
    for line in ("sync_interval: always", "cipher: chacha", "max_payload: 1MB"):
        assert line in CONF
        assert line in nats.CONFIG


@pytest.mark.parametrize("accounts_file", ["accounts.conf", "accounts-example.conf"])
def test_nats_takes_its_configuration(tmp_path: Path, accounts_file: str) -> None:
    config = tmp_path / "nats.conf"
    config.write_text(CONF.replace("/var/lib/nats", str(tmp_path / "js")))
    who = (DEPLOY / "nats" / accounts_file).read_text()
    (tmp_path / "accounts.conf").write_text(who)
    secrets = dict.fromkeys(re.findall(r"\$(HUIYIN_\w+)", CONF + who), "letters1")
    assert len(secrets) == 3
    check = [nats.program(), "-t", "-c", config]
    done = subprocess.run(check, env={**os.environ, **secrets}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    bare = subprocess.run(check, capture_output=True, check=False, env={"PATH": os.defpath})
    assert bare.returncode != 0, "without passwords it does not start"


# -- processes --------------------------------------------------------------------------------------------


def known(variables: set[str]) -> bool:
    """Whether these HUIYIN_ variables are settings."""
    return {name.removeprefix(PREFIX).lower() for name in variables} <= set(Settings.__struct_fields__)


def test_compose_runs_real_commands_with_real_settings() -> None:
    service = COMPOSE["services"]["huiyin"]
    verb = re.search(r"huiyin (\w+)", service["entrypoint"][-1])
    assert verb
    assert verb[1] in VERBS
    assert known(set(service["environment"]))
    wanted = set(re.findall(r"\$\{(HUIYIN_\w+)", (DEPLOY / "compose.yaml").read_text()))
    assert wanted == set(re.findall(r"^(HUIYIN_\w+)=", (DEPLOY / "example.env").read_text(), re.MULTILINE))


def test_compose_mounts_files_that_are_there() -> None:
    mounted = [volume for service in COMPOSE["services"].values() for volume in service["volumes"]]
    paths = [DEPLOY / volume.split(":")[0] for volume in mounted if volume.startswith("./")]
    assert all(path.exists() for path in paths if path.name != "secrets")
    assert (ROOT / COMPOSE["services"]["huiyin"]["build"]["dockerfile"]).exists()
    script = DEPLOY / "postgresql" / "passwords.sh"
    subprocess.run(["sh", "-n", script], check=True)
    assert os.access(script, os.X_OK)


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_units_run_real_commands(unit: Path, tmp_path: Path) -> None:
    text = unit.read_text()
    verb = re.search(r"^ExecStart=\S+/huiyin (\w+)", text, re.MULTILINE)
    assert verb
    assert verb[1] in VERBS
    assert known(set(re.findall(rf"^Environment=({PREFIX}\w+)", text, re.MULTILINE)))
    if shutil.which("systemd-analyze"):
        here = tmp_path / unit.name.replace("@.", "@sorter.")
        there = re.sub(r"^(ExecStart=)\S+", r"\1/bin/true", text, flags=re.MULTILINE)
        here.write_text(there.replace("User=huiyin", "User=root").replace("WorkingDirectory=/srv/huiyin", ""))
        done = subprocess.run(["systemd-analyze", "verify", here], capture_output=True, text=True, check=False)
        assert unit.stem.rstrip("@") not in done.stderr, done.stderr
