"""GET /{code} -> 302 and POST / -> 201, as the service did that hop came from: aiohttp, uvloop, asyncpg, no cache.

aiohttp_service.py PORT [API_KEY]; the database comes from libpq's environment variables. asyncpg prepares a statement once for
each connection and keeps it; releasing a connection to the pool resets it, which is asyncpg's default.
"""

import secrets
import sys

import asyncpg
import uvloop
from aiohttp import web

SELECT = "select long_url from short_urls where domain_id = 0 and short_code = $1"
# Into a table with nothing but its key, as such services have it.
TABLE = "create table if not exists urls (short_code text primary key, long_url text not null, created_at timestamptz)"
INSERT = "insert into urls (short_code, long_url, created_at) values ($1, $2, now())"


async def redirect(request: web.Request) -> web.Response:
    async with request.app["pool"].acquire() as connection:
        long_url = await connection.fetchval(SELECT, request.match_info["code"])
    if long_url is None:
        raise web.HTTPNotFound()
    raise web.HTTPFound(long_url)


async def shorten(request: web.Request) -> web.Response:
    if request.headers.get("X-Api-Key") != request.app["api_key"]:
        raise web.HTTPUnauthorized()
    body = await request.json()
    url = body.get("url") if isinstance(body, dict) else None
    if not isinstance(url, str) or not url.startswith(("http://", "https://")):
        raise web.HTTPBadRequest()
    code = secrets.token_urlsafe(6)
    async with request.app["pool"].acquire() as connection:
        await connection.execute(INSERT, code, url)
    return web.json_response({"shortened_url": f"https://{request.host}/{code}"}, status=201)


async def with_pool(app: web.Application):
    app["pool"] = await asyncpg.create_pool(min_size=5, max_size=5)
    if app["api_key"] is not None:
        await app["pool"].execute(TABLE)
    yield
    await app["pool"].close()


def main(port: int, api_key: str | None = None) -> None:
    uvloop.install()
    app = web.Application()
    app["api_key"] = api_key
    app.cleanup_ctx.append(with_pool)
    app.router.add_get("/{code}", redirect)
    app.router.add_post("/", shorten)
    web.run_app(app, host="127.0.0.1", port=port, access_log=None, print=None)


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:])
