// Signing in: QuickBooks through the browser and back, the others with keys; every way it can fail ends in words.
import { answerConsent, beginQuickBooks, connectQuickBooks, connectWithKeys, expect, expectAccessible, open, test } from './fixtures.js';

test('QuickBooks connects through the browser and shows the company', async ({ app: page, bridge }) => {
  await connectQuickBooks(page, bridge);
  const card = page.getByRole('article', { name: 'QuickBooks' });
  await expect(card).toContainText('Harbor & Pine Coffee Supply');
  await expect(card).toContainText(bridge.started.vendors.quickbooks.realm_id);
  await expectAccessible(page);
});

test('declining at QuickBooks ends in words and leaves nothing behind', async ({ app: page, bridge }) => {
  const link = await answerConsent(page, await beginQuickBooks(page, bridge), 'Deny');
  await bridge.link(link);
  await expect(page.getByText('You declined the connection')).toBeVisible();
  expect(await bridge.command('list_connections')).toEqual([]);
});

test('a forged link is refused while the true sign-in goes on waiting', async ({ app: page, bridge }) => {
  const address = await beginQuickBooks(page, bridge);
  await bridge.link('backroom://oauth/quickbooks?code=stolen&state=made-up&realmId=1');
  await expect(page.getByText('Waiting for you to sign in')).toBeVisible();
  expect(await bridge.command('list_connections')).toEqual([]);
  await bridge.link(await answerConsent(page, address, 'Allow'));
  await expect(page.getByText('is connected.')).toBeVisible();
});

test('a link can be pasted when the browser does not come back, but only once', async ({ app: page, bridge }) => {
  const link = await answerConsent(page, await beginQuickBooks(page, bridge), 'Allow');
  await page.getByLabel('Signed in, but nothing happened here?').fill(link);
  await page.getByRole('button', { name: 'Finish with this address' }).click();
  await expect(page.getByText('is connected.')).toBeVisible();
  await bridge.link(link);
  expect(await bridge.command<unknown[]>('list_connections')).toHaveLength(1);
});

test('a wrong client secret is refused in words', async ({ app: page, bridge }) => {
  await open(page, '/settings/connections');
  await page.getByRole('button', { name: 'Connect QuickBooks', exact: false }).first().click();
  await page.getByLabel('Client secret').fill('not the secret');
  await page.getByRole('button', { name: 'Connect in the browser' }).click();
  await expect(page.getByText('Waiting for you to sign in')).toBeVisible();
  const address = (await bridge.opened()).at(-1) ?? '';
  await bridge.link(await answerConsent(page, address, 'Allow'));
  await expect(page.getByText('The keys were not accepted')).toBeVisible();
  expect(await bridge.command('list_connections')).toEqual([]);
});

test('ShipStation and Stripe connect with one click in Practice and show what they are', async ({ app: page }) => {
  await connectWithKeys(page, 'ShipStation');
  await connectWithKeys(page, 'Stripe');
  await expect(page.getByRole('article', { name: 'Stripe' })).toContainText('Test mode');
  await expectAccessible(page);
});

test('a wrong key is found out at once', async ({ app: page, bridge }) => {
  await open(page, '/settings/connections');
  await page.getByRole('button', { name: 'Connect Stripe' }).click();
  await expectAccessible(page);
  await page.getByRole('textbox', { name: /key/i }).first().fill('rk_test_wrong');
  await page.getByRole('button', { name: 'Check and connect' }).click();
  await expect(page.getByRole('alert')).toBeVisible();
  expect(await bridge.command('list_connections')).toEqual([]);
});

test('an empty form names every field', async ({ app: page }) => {
  await open(page, '/settings/connections');
  await page.getByRole('button', { name: 'Connect QuickBooks', exact: false }).first().click();
  await page.getByText('Production').click();
  await page.getByRole('button', { name: 'Connect in the browser' }).click();
  await expect(page.getByLabel('Client ID')).toHaveAttribute('aria-invalid', 'true');
  await expect(page.getByLabel('Client secret')).toHaveAttribute('aria-invalid', 'true');
  await expect(page.getByLabel('Redirect address')).toHaveAttribute('aria-invalid', 'true');
});
