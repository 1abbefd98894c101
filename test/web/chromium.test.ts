import { chromium } from 'playwright-core';
import { expect, it, onTestFinished } from 'vitest';
import { createDatabase } from '../helpers/databases.js';
import { startExample } from '../helpers/example-server.js';

const password = 'Kaltes-Wasser-7';
/** Where pictures of the pages go, for who wants to look at them. */
const pictures = process.env.MANAGE_PICTURES;

it('goes through the example in a browser, on a phone, without JavaScript', async () => {
  const db = await createDatabase('sqlite');
  onTestFinished(() => db.drop());
  const { url } = await startExample(db);
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  onTestFinished(() => browser.close());
  const context = await browser.newContext({ viewport: { width: 390, height: 760 }, javaScriptEnabled: false });
  // Its own limit of 30 seconds is too short for a machine that has much else to do.
  context.setDefaultTimeout(180_000);
  const page = await context.newPage();
  const shoot = async (name: string) => {
    if (pictures !== undefined) await page.screenshot({ path: `${pictures}/${name}.png`, fullPage: true });
    // Nothing is wider than the phone.
    const box = await page.locator('body').boundingBox();
    expect(box?.width).toBeLessThanOrEqual(390);
  };

  await page.goto(`${url}/`);
  await shoot('home');
  await page.getByRole('link', { name: 'Sign up' }).first().click();
  await page.getByLabel('Username').fill('ada');
  await page.getByLabel('Password', { exact: true }).fill('12345678');
  await page.getByLabel('Password again').fill('12345678');
  await page.getByRole('button', { name: 'Sign up' }).click();
  await expect.poll(() => page.getByText('This password is too common.').count()).toBe(1);
  expect(await page.getByLabel('Password', { exact: true }).getAttribute('aria-invalid')).toBe('true');
  await shoot('sign-up-problem');
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByLabel('Password again').fill(password);
  await page.getByRole('button', { name: 'Sign up' }).click();
  await page.waitForURL('**/accounts/profile/');
  await shoot('profile');

  await page.getByRole('link', { name: 'Change password' }).click();
  await page.getByLabel('Old password').fill('wrong');
  await page.getByLabel('New password', { exact: true }).fill('Warmes-Wasser-8');
  await page.getByLabel('New password again').fill('Warmes-Wasser-8');
  await page.getByRole('button', { name: 'Change password' }).click();
  await expect.poll(() => page.getByText('Your old password was entered incorrectly.').count()).toBe(1);
  await shoot('password-problem');
  await page.getByLabel('Old password').fill(password);
  await page.getByLabel('New password', { exact: true }).fill('Warmes-Wasser-8');
  await page.getByLabel('New password again').fill('Warmes-Wasser-8');
  await page.getByRole('button', { name: 'Change password' }).click();
  await page.waitForURL('**/accounts/profile/');

  await page.getByRole('button', { name: 'Log out' }).click();
  await expect.poll(() => page.getByRole('link', { name: 'Log in' }).count()).toBe(1);
  await page.goto(`${url}/private/`);
  expect(page.url()).toContain('/accounts/login/?next=/private/');
  await page.getByLabel('Username').fill('ada');
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
  await expect.poll(() => page.getByRole('alert').count()).toBe(1);
  await shoot('log-in-problem');
  await page.getByLabel('Password').fill('Warmes-Wasser-8');
  await page.getByLabel('Remember me for two weeks').check();
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.waitForURL('**/private/');
  await shoot('private');
  const session = (await context.cookies()).find(({ name }) => name === 'sessionid');
  expect(session).toMatchObject({ httpOnly: true, sameSite: 'Lax' });
  expect(Math.round(((session?.expires ?? 0) * 1000 - Date.now()) / 86_400_000)).toBe(14);
  await page.goto(`${url}/may/auth.view_user/`);
  expect(await page.getByText('You do not have permission').count()).toBe(1);
});
