import express from 'express';
import {
  authenticate,
  forwardAuth,
  getToken,
  login,
  logout,
  passwordProblems,
  safeNext,
  setPassword,
  signUp,
  signUpProblems,
  stringifyJson,
} from 'manage-auth/web';
import {
  csrfProtect,
  expressAuth,
  guarded,
  loginRequired,
  permissionRequired,
  staffRequired,
  tokenHandlers,
  tokenRequired,
} from 'manage-auth/web/express';
import { accountPage, errorPage, homePage, loginPage, passwordPage, signUpPage, textPage } from './pages.js';

/** Adds the routes of the site to an Express application. */
export function routes(app, auth) {
  app.disable('x-powered-by');
  app.get('/healthz/', async (_, response) => response.sendStatus((await auth.isHealthy()) ? 204 : 503));
  const tokens = tokenHandlers(auth);
  app.post('/token/', tokens.obtain);
  app.post('/token/refresh/', tokens.refresh);
  app.post('/token/verify/', tokens.verify);
  app.post('/token/blacklist/', tokens.blacklist);
  app.use(express.urlencoded({ extended: false, limit: '20kb' }));
  app.use(expressAuth(auth));

  app.get('/', (request, response) => response.send(homePage(request)));
  app.get('/whoami/', (request, response) => {
    const { user, session } = request;
    const data = Object.fromEntries(session.entries().filter(([name]) => !name.startsWith('_auth')));
    const answer = { user: String(user), pk: user.pk, authenticated: user.isAuthenticated, key: session.key, data };
    response.type('json').send(stringifyJson(answer));
  });
  app.get('/count/', ({ session }, response) => {
    session.set('count', (session.get('count') ?? 0) + 1);
    response.json({ count: session.get('count') });
  });

  app.get('/accounts/login/', (request, response) => response.send(loginPage(request, { next: request.query.next })));
  app.post('/accounts/login/', async (request, response) => {
    const { username, password, remember, next } = form(request);
    const user = await authenticate(request, { username, password });
    if (user === undefined) {
      const problem = 'Please enter a correct username and password. Note that both fields may be case-sensitive.';
      return response.status(401).send(loginPage(request, { next, username, problem }));
    }
    await login(request, user);
    if (/^\d{1,9}$/.test(remember)) request.session.setExpiry(Number(remember));
    response.redirect(safeNext(request, next, '/whoami/'));
  });
  app.post('/accounts/logout/', async (request, response) => {
    await logout(request);
    response.redirect('/');
  });

  app.get('/accounts/signup/', (request, response) => response.send(signUpPage(request)));
  app.post('/accounts/signup/', async (request, response) => {
    const { username, email, password1, password = password1, password2 = password } = form(request);
    const typed = { username, email, password };
    const different = { password2: ['The two password fields didn’t match.'] };
    const { user, errors } =
      password === password2
        ? await signUp(request, typed)
        : { errors: { ...(await signUpProblems(request, typed)), ...different } };
    if (user === undefined) return response.status(400).send(signUpPage(request, { username, email, errors }));
    await login(request, user);
    response.redirect(safeNext(request, form(request).next, '/accounts/profile/'));
  });

  app.get('/accounts/password/', loginRequired(), (request, response) => response.send(passwordPage(request)));
  app.post('/accounts/password/', loginRequired(), async (request, response) => {
    const { user } = request;
    const given = form(request);
    const old = given.old_password;
    const password = given.new_password1 || given.new_password || given.password || '';
    const again = given.new_password2 || given.new_password || given.new_password1 || password;
    const errors = {};
    if (!(await authenticate(request, { username: user.username, password: old }))) {
      errors.old_password = ['Your old password was entered incorrectly. Please enter it again.'];
    }
    const problems = password === '' ? ['This field is required.'] : await passwordProblems(request, password, user);
    if (problems.length > 0) errors.password = problems;
    if (password !== again) errors.password2 = ['The two password fields didn’t match.'];
    if (Object.keys(errors).length > 0) return response.status(400).send(passwordPage(request, { errors }));
    await setPassword(request, user, password);
    response.redirect('/accounts/profile/');
  });
  app.get('/accounts/profile/', loginRequired(), async (request, response) => {
    response.send(accountPage(request, [...(await request.user.getAllPermissions())].sort()));
  });

  app.get('/private/', loginRequired(), (request, response) => {
    response.send(textPage(request, 'Private', `private to ${request.user}`));
  });
  app.get('/staff/', staffRequired({ raise: true }), (request, response) => {
    response.send(textPage(request, 'Staff', 'This page is for those who may use the admin.'));
  });
  app.get('/may/:permission/', (request, response, next) => {
    permissionRequired(request.params.permission, { raise: true })(request, response, (error) => {
      if (error) next(error);
      else response.send(textPage(request, 'You may', `You have the right ${request.params.permission}.`));
    });
  });

  app.get('/form/', (request, response) => response.json({ token: getToken(request), method: request.method }));
  app.post('/form/', csrfProtect(), (request, response) => {
    response.json({ token: getToken(request), method: request.method });
  });

  app.get('/api/me/', loginRequired({ json: true }), ({ user }, response) => response.json(user));
  app.get('/api/users/', permissionRequired('auth.view_user', { json: true }), (_, response) => {
    response.json({ detail: 'You may see the users.' });
  });
  app.get('/api/token/', tokenRequired(), ({ user, auth }, response) => {
    response.json({ user: `${user}`, by: auth.kind });
  });
  app.get('/auth/', guarded(forwardAuth()));

  app.use((request, response) => response.status(404).send(errorPage(request, 404, 'There is no such page.')));
  app.use((error, request, response, next) => {
    if (response.headersSent) return next(error);
    const status = error.status ?? 500;
    // What was foreseen, such as too many logins at once, needs no stack.
    if (status >= 500) console.error(status === 500 ? error : `${status}: ${error.message}`);
    const message = status === 500 ? 'The server has failed.' : error.message;
    response
      .status(status)
      .set(error.headers ?? {})
      .send(errorPage(request, status, message));
  });
  return app;
}

/** The texts of a form; of several with one name the last counts. */
function form(request) {
  const texts = Object.entries(request.body ?? {}).map(([name, value]) => [name, [value].flat().at(-1)]);
  return { username: '', email: '', password1: '', old_password: '', remember: '', ...Object.fromEntries(texts) };
}
