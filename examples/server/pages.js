/** The pages of the example: plain HTML, which needs no JavaScript. */

const escaped = (text) => String(text ?? '').replace(/[&<>"']/g, (unit) => `&#${unit.charCodeAt(0)};`);

const style = `
  :root { color-scheme: light dark; --line: #8886; --accent: #0b6e4f; --bad: #b3261e; }
  @media (prefers-color-scheme: dark) { :root { --accent: #4cc38a; --bad: #ff8a80; } }
  * { box-sizing: border-box; }
  body { margin: 0 auto; padding: 1rem; max-width: 40rem; font: 1rem/1.5 system-ui, sans-serif; }
  header { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: center; padding-bottom: 1rem; border-bottom: 1px solid var(--line); }
  header strong { margin-right: auto; }
  header form { margin: 0; }
  h1 { font-size: 1.5rem; line-height: 1.2; }
  a { color: var(--accent); }
  label { display: block; margin: 1rem 0 .4rem; font-weight: 600; }
  label.inline { font-weight: 400; }
  input:not([type=checkbox]) { width: 100%; padding: .6rem; font: inherit; border: 1px solid var(--line); border-radius: .4rem; }
  input[aria-invalid=true] { border-color: var(--bad); }
  button { padding: .6rem 1.2rem; font: inherit; border: 0; border-radius: .4rem; background: var(--accent); color: Canvas; cursor: pointer; }
  main button { margin-top: 1.5rem; width: 100%; }
  header button { padding: .3rem .8rem; background: none; color: var(--accent); border: 1px solid var(--line); }
  .problem { color: var(--bad); margin: .3rem 0 0; }
  main ul { padding-left: 1.2rem; }
  ul.problem { padding-left: 0; list-style: none; }
  :focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
  dl { display: grid; grid-template-columns: auto 1fr; gap: .3rem 1rem; }
  dt { font-weight: 600; } dd { margin: 0; overflow-wrap: anywhere; }
`;

function page({ user }, title, content) {
  const account = user?.isAuthenticated
    ? `<a href="/accounts/profile/">${escaped(user)}</a><form method="post" action="/accounts/logout/"><button>Log out</button></form>`
    : '<a href="/accounts/login/">Log in</a><a href="/accounts/signup/">Sign up</a>';
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${escaped(title)}</title><style>${style}</style></head>
<body>
<header><strong><a href="/">Example</a></strong>${account}</header>
<main><h1>${escaped(title)}</h1>
${content}
</main>
</body>
</html>
`;
}

/** A labelled field, with what is wrong with it beneath. */
function field({
  name,
  label,
  type = 'text',
  value = '',
  problems = [],
  autocomplete,
  required = true,
  focus = false,
}) {
  const id = `field-${name}`;
  const wrong = problems.length > 0 ? ` aria-invalid="true" aria-describedby="${id}-problem"` : '';
  const list = problems.map((problem) => `<li>${escaped(problem)}</li>`).join('');
  return `<label for="${id}">${escaped(label)}</label>
<input id="${id}" name="${name}" type="${type}" value="${escaped(value)}" autocomplete="${autocomplete}"${required ? ' required' : ''}${focus ? ' autofocus' : ''}${wrong}>
${list === '' ? '' : `<ul class="problem" id="${id}-problem">${list}</ul>`}`;
}

export const homePage = (request) =>
  page(
    request,
    request.user.isAuthenticated ? `Hello, ${request.user}` : 'Hello',
    `<p>This site shares its users and sessions with a Django site on the same database.</p>
<ul>
<li><a href="/whoami/">Who am I?</a></li>
<li><a href="/count/">Count my visits</a></li>
<li><a href="/private/">A page for those who are logged in</a></li>
<li><a href="/may/auth.view_user/">A page for those who may see users</a></li>
<li><a href="/staff/">A page for staff</a></li>
</ul>`,
  );

export const loginPage = (request, { next, username, problem } = {}) =>
  page(
    request,
    'Log in',
    `<form method="post" action="/accounts/login/">
${problem === undefined ? '' : `<p class="problem" role="alert">${escaped(problem)}</p>`}
${field({ name: 'username', label: 'Username', value: username, autocomplete: 'username', focus: !username })}
${field({ name: 'password', label: 'Password', type: 'password', autocomplete: 'current-password', focus: Boolean(username) })}
<input type="hidden" name="remember" value="0">
<label class="inline"><input type="checkbox" name="remember" value="1209600"> Remember me for two weeks</label>
<input type="hidden" name="next" value="${escaped(next)}">
<button>Log in</button>
</form>
<p>No account yet? <a href="/accounts/signup/">Sign up</a>.</p>`,
  );

export const signUpPage = (request, { username, email, errors = {} } = {}) =>
  page(
    request,
    'Sign up',
    `<form method="post" action="/accounts/signup/">
${field({ name: 'username', label: 'Username', value: username, problems: errors.username, autocomplete: 'username' })}
${field({ name: 'email', label: 'Email address (optional)', type: 'email', value: email, problems: errors.email, autocomplete: 'email', required: false })}
${field({ name: 'password1', label: 'Password', type: 'password', problems: errors.password, autocomplete: 'new-password' })}
${field({ name: 'password2', label: 'Password again', type: 'password', problems: errors.password2, autocomplete: 'new-password' })}
<button>Sign up</button>
</form>`,
  );

export const passwordPage = (request, { errors = {} } = {}) =>
  page(
    request,
    'Change password',
    `<form method="post" action="/accounts/password/">
${field({ name: 'old_password', label: 'Old password', type: 'password', problems: errors.old_password, autocomplete: 'current-password' })}
${field({ name: 'new_password1', label: 'New password', type: 'password', problems: errors.password, autocomplete: 'new-password' })}
${field({ name: 'new_password2', label: 'New password again', type: 'password', problems: errors.password2, autocomplete: 'new-password' })}
<button>Change password</button>
</form>`,
  );

export const accountPage = (request, permissions) =>
  page(
    request,
    String(request.user),
    `<dl>
<dt>Email</dt><dd>${escaped(request.user.email) || '–'}</dd>
<dt>Staff</dt><dd>${request.user.isStaff ? 'yes' : 'no'}</dd>
<dt>Session ends</dt><dd>${request.session.expiresAtBrowserClose ? 'with the browser' : escaped(request.session.getExpiryDate().toISOString())}</dd>
<dt>Rights</dt><dd>${permissions.map(escaped).join(', ') || 'none'}</dd>
</dl>
<p><a href="/accounts/password/">Change password</a></p>`,
  );

export const textPage = (request, title, text) => page(request, title, `<p>${escaped(text)}</p>`);

const titles = { 403: 'Not allowed', 404: 'Not found', 503: 'Not available' };
export const errorPage = (request, status, message) =>
  page(
    request,
    titles[status] ?? `Error ${status}`,
    `<p>${escaped(message)}</p><p><a href="/">Back to the start</a></p>`,
  );
