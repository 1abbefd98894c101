// One server that says who is logged in: web-server.js NAME, with DATABASE_URL and SECRET_KEY. Prints its port. Names are
// those of frameworks; `bare NAME` reads the same two rows by hand, `express-session` is the usual stack of Express, from the
// folder PACKAGES.
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { inflateSync } from 'node:zlib';

const [name, framework = name] = process.argv.slice(2);
const { DATABASE_URL: url, SECRET_KEY: secret, PACKAGES: packages } = process.env;
const listening = (server) => server.listen(0, '127.0.0.1', () => console.log(server.address().port));
const answerOf = (user, key) => ({
  user: String(user),
  pk: user.pk,
  authenticated: user.isAuthenticated,
  key,
  data: {},
});

/** A function that runs a query with the driver alone. */
async function openDriver() {
  if (!url.startsWith('sqlite:')) {
    const { default: pg } = await import('pg');
    const pool = new pg.Pool({ connectionString: url, max: 10 });
    return async (sql, values) => (await pool.query(sql, values)).rows[0];
  }
  const { default: sqlite3 } = await import('sqlite3');
  const db = new sqlite3.Database(url.replace('sqlite:///', ''));
  return (sql, values) =>
    new Promise((resolve, reject) => {
      db.get(sql.replace(/\$\d/g, '?'), values, (error, row) => (error ? reject(error) : resolve(row)));
    });
}

/** The two reads by hand: nothing is verified. */
async function bareReader() {
  const query = await openDriver();
  const now = () => (url.startsWith('sqlite:') ? new Date().toISOString().replace('T', ' ').slice(0, 23) : new Date());
  return async (cookieHeader) => {
    const key = /sessionid=(\w+)/.exec(cookieHeader ?? '')?.[1];
    const session = await query('SELECT * FROM django_session WHERE session_key = $1 AND expire_date > $2', [
      key,
      now(),
    ]);
    const [payload] = session.session_data.split(':');
    const bytes = Buffer.from(payload.replace(/^\./, ''), 'base64url');
    const data = JSON.parse(payload.startsWith('.') ? inflateSync(bytes) : bytes);
    const user = await query('SELECT * FROM auth_user WHERE id = $1', [Number(data._auth_user_id)]);
    return { user: user.username, pk: user.id, authenticated: user.is_active, key, data: {} };
  };
}

const servers = {
  async bare() {
    const read = await bareReader();
    await frameworks[framework](read);
  },
  async 'express-session'() {
    const require = createRequire(`${packages}/package.json`);
    const [express, session, { ConnectSessionKnexStore }, passport, knex] = [
      require('express'),
      require('express-session'),
      require('connect-session-knex'),
      require('passport'),
      require('knex'),
    ];
    const isSqlite = url.startsWith('sqlite:');
    const db = isSqlite
      ? knex({ client: 'sqlite3', connection: { filename: url.replace('sqlite:///', '') }, useNullAsDefault: true })
      : knex({ client: 'pg', connection: url, pool: { max: 10 } });
    const app = express();
    const store = new ConnectSessionKnexStore({ knex: db, tableName: 'express_sessions', createTable: true });
    app.use(session({ secret, store, resave: false, saveUninitialized: false, rolling: false, name: 'sid' }));
    app.use(passport.initialize());
    app.use(passport.session());
    passport.serializeUser((user, done) => done(null, user.id));
    passport.deserializeUser((id, done) => {
      db('auth_user')
        .where({ id })
        .first()
        .then((user) => done(null, user ?? false), done);
    });
    app.get('/enter/', (request, response, next) => {
      db('auth_user')
        .first()
        .then((user) => request.login(user, (error) => (error ? next(error) : response.json({}))), next);
    });
    app.get('/whoami/', (request, response) => {
      const { user } = request;
      response.json({
        user: user?.username,
        pk: user?.id,
        authenticated: request.isAuthenticated(),
        key: request.sessionID,
        data: {},
      });
    });
    listening(createServer(app));
  },
};

/** Each framework with a function that makes the answer of a cookie header. */
const frameworks = {
  async 'node:http'(read) {
    const handler = async (request, response) => {
      const body = JSON.stringify(await read(request.headers.cookie));
      response.setHeader('Content-Type', 'application/json').end(body);
    };
    listening(createServer(handler));
  },
  async express(read) {
    const { default: express } = await import('express');
    const app = express();
    app.get('/whoami/', async (request, response) => response.json(await read(request.headers.cookie)));
    listening(createServer(app));
  },
  async fastify(read) {
    const { default: fastify } = await import('fastify');
    const app = fastify();
    app.get('/whoami/', (request) => read(request.headers.cookie));
    await app.listen({ port: 0, host: '127.0.0.1' });
    console.log(app.server.address().port);
  },
  async hono(read) {
    const [{ Hono }, { getRequestListener }] = [await import('hono'), await import('@hono/node-server')];
    const app = new Hono();
    app.get('/whoami/', async (c) => c.json(await read(c.req.header('cookie'))));
    listening(createServer(getRequestListener(app.fetch)));
  },
};

const openOurs = async () =>
  (await import('manage-auth/web')).openAuth({ poolSize: url.startsWith('sqlite:') ? 4 : 10 });
const ours = {
  async 'node:http'() {
    const { withAuth } = await import('manage-auth/web/node');
    const auth = await openOurs();
    const handler = ({ user, session }, response) => {
      response.setHeader('Content-Type', 'application/json').end(JSON.stringify(answerOf(user, session.key)));
    };
    listening(createServer(withAuth(auth, handler)));
  },
  async express() {
    const [{ default: express }, { expressAuth }] = [await import('express'), await import('manage-auth/web/express')];
    const app = express();
    app.use(expressAuth(await openOurs()));
    app.get('/whoami/', ({ user, session }, response) => response.json(answerOf(user, session.key)));
    listening(createServer(app));
  },
  async fastify() {
    const [{ default: fastify }, { fastifyAuth }] = [await import('fastify'), await import('manage-auth/web/fastify')];
    const app = fastify();
    await app.register(fastifyAuth(await openOurs()));
    app.get('/whoami/', async ({ user, session }) => answerOf(user, session.key));
    await app.listen({ port: 0, host: '127.0.0.1' });
    console.log(app.server.address().port);
  },
  async hono() {
    const [{ Hono }, { getRequestListener }, { honoAuth }] = [
      await import('hono'),
      await import('@hono/node-server'),
      await import('manage-auth/web/hono'),
    ];
    const app = new Hono();
    app.use(honoAuth(await openOurs()));
    app.get('/whoami/', (c) => c.json(answerOf(c.get('user'), c.get('session').key)));
    listening(createServer(getRequestListener(app.fetch)));
  },
};

await (servers[name] ?? ours[name])();
