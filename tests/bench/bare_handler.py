"""The yardstick of `http`: a Litestar handler that decodes a complaint and commits one row, nothing else."""

import os
import sys

import asyncpg
import uvicorn
import uvloop
from litestar import Litestar, post
from litestar.params import JSONBody

from huiyin import readiness
from huiyin.bus.envelope import ComplaintData

_INSERT = "INSERT INTO bare.complaint (title, text, channel, filed_at) VALUES ($1, $2, $3, $4)"


async def main(port: int) -> None:
    """As `huiyin web` runs uvicorn: one process, httptools, no access log."""
    pool = await asyncpg.create_pool(os.environ["HUIYIN_DATABASE_URL"], min_size=8, max_size=8)

    @post("/api/v1/complaints")
    async def take(data: JSONBody[ComplaintData]) -> dict[str, bool]:
        """One row, one commit."""
        await pool.execute(_INSERT, data.title, data.text, data.channel, data.filed_at)
        return {"kept": True}

    app = Litestar([take], openapi_config=None, logging_config=None)
    config = uvicorn.Config(app, port=port, http="httptools", access_log=False, log_level="error", lifespan="off")
    readiness.announce()
    await uvicorn.Server(config).serve()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[sys.argv.index("--port") + 1])))
