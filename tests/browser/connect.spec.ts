// Signing in: QuickBooks through the browser and back, the others with keys; every way it can fail ends in words.
import { addCustomer, answerConsent, beginQuickBooks, connectQuickBooks, connectWithKeys, expect, expectAccessible, open, syncNow, test, untilIdle } from './fixtures.js';
import type { Page } from '@playwright/test';

const card = (page: Page, vendor: string) => page.getByRole('article', { name: vendor });
const waiting = (page: Page) => page.getByText('Waiting for you to sign in');

test('QuickBooks connects through the browser and shows the company', async ({ app: page, bridge }) => {
  await connectQuickBooks(page, bridge);
  await expect(card(page, 'QuickBooks')).toContainText('Harbor & Pine Coffee Supply');
  await expect(card(page, 'QuickBooks')).toContainText(bridge.started.vendors.quickbooks.realm_id);
  await untilIdle(bridge);
  await expect(card(page, 'QuickBooks').getByRole('combobox', { name: 'Income account' })).toHaveAttribute('placeholder', /suggested/);
});

test('the waiting dialog has all it needs and keeps nobody out', async ({ app: page, bridge }) => {
  const address = await beginQuickBooks(page, bridge);
  await expect(page.getByRole('dialog')).toContainText(address.slice(0, 60));
  await expectAccessible(page);
});

test('declining at QuickBooks ends in words and leaves nothing behind', async ({ app: page, bridge }) => {
  const link = await answerConsent(page, await beginQuickBooks(page, bridge), 'Deny');
  await bridge.link(link);
  await expect(page.getByText('You declined the connection')).toBeVisible();
  await expectAccessible(page);
  expect(await bridge.command('list_connections')).toEqual([]);
});

test('a forged link is refused while the true sign-in goes on waiting', async ({ app: page, bridge }) => {
  const address = await beginQuickBooks(page, bridge);
  await bridge.link('backroom://oauth/quickbooks?code=stolen&state=made-up&realmId=1');
  await expect(waiting(page)).toBeVisible();
  await expect(page.getByRole('dialog').getByRole('textbox')).toHaveAttribute('aria-invalid', 'true');
  expect(await bridge.command('list_connections')).toEqual([]);
  await bridge.link(await answerConsent(page, address, 'Allow'));
  await expect(card(page, 'QuickBooks')).toContainText('Connected');
});

test('a link can be pasted when the browser does not come back, but only once', async ({ app: page, bridge }) => {
  const link = await answerConsent(page, await beginQuickBooks(page, bridge), 'Allow');
  const field = page.getByLabel('Signed in, but nothing happened here?');
  await field.fill(link.replace(/state=[^&]*/, 'state=wrong'));
  await page.getByRole('button', { name: 'Finish with this address' }).click();
  await expect(field).toHaveAttribute('aria-invalid', 'true');
  await field.fill(link);
  await page.getByRole('button', { name: 'Finish with this address' }).click();
  await expect(card(page, 'QuickBooks')).toContainText('Connected');

  await beginQuickBooks(page, bridge);
  await field.fill(link);
  await page.getByRole('button', { name: 'Finish with this address' }).click();
  await expect(field).toHaveAttribute('aria-invalid', 'true');
  expect(await bridge.command<unknown[]>('list_connections')).toHaveLength(1);
});

test('a sign-in that takes too long ends in words', async ({ app: page, bridge }) => {
  const address = await beginQuickBooks(page, bridge);
  const link = await answerConsent(page, address, 'Allow');
  await bridge.control('POST', 'time', { advance_s: 7200 });
  await bridge.link(link);
  await expect(page.getByText('The sign-in took too long')).toBeVisible();
  expect(await bridge.command('list_connections')).toEqual([]);
});

test('who closes the browser stops waiting, and a link that comes later opens nothing', async ({ app: page, bridge }) => {
  const address = await beginQuickBooks(page, bridge);
  const link = await answerConsent(page, address, 'Allow');
  await page.getByRole('button', { name: 'Stop waiting' }).click();
  await expect(waiting(page)).toBeHidden();
  await bridge.link(link);
  await expect(card(page, 'QuickBooks').getByRole('button', { name: 'Connect QuickBooks' })).toBeEnabled();
  expect(await bridge.command('list_connections')).toEqual([]);
});

test('a wrong client secret is refused in words', async ({ app: page, bridge }) => {
  await open(page, '/settings/connections');
  await page.getByRole('button', { name: 'Connect QuickBooks' }).click();
  await page.getByLabel('Client secret').fill('not the secret');
  await page.getByRole('button', { name: 'Connect in the browser' }).click();
  await expect(waiting(page)).toBeVisible();
  const address = (await bridge.opened()).at(-1) ?? '';
  await bridge.link(await answerConsent(page, address, 'Allow'));
  await expect(page.getByText('The keys were not accepted')).toBeVisible();
  await expect(page.getByLabel('Client secret')).toHaveValue('not the secret');
  expect(await bridge.command('list_connections')).toEqual([]);
});

test('ShipStation and Stripe connect with one click in Practice and show what they are', async ({ app: page, bridge }) => {
  await connectWithKeys(page, 'ShipStation');
  await connectWithKeys(page, 'Stripe');
  await expect(card(page, 'Stripe')).toContainText('Practice');
  await expect(card(page, 'Stripe')).toContainText('acct_1SimHarborPine');
  await untilIdle(bridge);
});

test('a wrong key is found out at once', async ({ app: page, bridge }) => {
  await open(page, '/settings/connections');
  for (const vendor of ['Stripe', 'ShipStation']) {
    await page.getByRole('button', { name: `Connect ${vendor}` }).click();
    const dialog = page.getByRole('dialog', { name: `Connect ${vendor}` });
    await dialog.getByLabel(/key/i).first().fill('wrong');
    await dialog.getByRole('button', { name: 'Check and connect' }).click();
    await expect(dialog.getByRole('alert')).toBeVisible();
    if (vendor === 'Stripe') await expectAccessible(page);
    await dialog.getByRole('button', { name: 'Cancel' }).click();
  }
  expect(await bridge.command('list_connections')).toEqual([]);
});

test('an empty form names every field', async ({ app: page }) => {
  await open(page, '/settings/connections');
  await page.getByRole('button', { name: 'Connect QuickBooks' }).click();
  await page.getByText('Production').click();
  await page.getByRole('button', { name: 'Connect in the browser' }).click();
  await expect(page.getByLabel('Client ID')).toHaveAttribute('aria-invalid', 'true');
  await expect(page.getByLabel('Client secret')).toHaveAttribute('data-invalid', 'true');
  await expect(page.getByLabel('Redirect address')).toHaveAttribute('aria-invalid', 'true');
  await page.getByRole('button', { name: 'Advanced' }).click();
  await expectAccessible(page);
});

test('access taken away at QuickBooks asks to sign in again and loses nothing', async ({ app: page, bridge }) => {
  await connectQuickBooks(page, bridge);
  await untilIdle(bridge);
  await bridge.control('POST', 'act/quickbooks/disconnect', {});
  await addCustomer(bridge, 'Patient Customer');
  await syncNow(page, bridge);
  const qb = card(page, 'QuickBooks');
  await expect(qb).toContainText('Sign in again');
  await expectAccessible(page);
  await qb.getByRole('button', { name: 'Sign in again' }).click();
  await page.getByRole('button', { name: 'Connect in the browser' }).click();
  await expect(waiting(page)).toBeVisible();
  await bridge.link(await answerConsent(page, (await bridge.opened()).at(-1) ?? '', 'Allow'));
  await expect(qb).toContainText('Connected');
  await syncNow(page, bridge);
  expect(JSON.stringify(await bridge.control('GET', 'state/quickbooks'))).toContain('Patient Customer');
  expect(await bridge.command<unknown[]>('list_connections')).toHaveLength(1);
});

test('disconnecting forgets the account and keeps what was synced', async ({ app: page, bridge }) => {
  await connectQuickBooks(page, bridge);
  await untilIdle(bridge);
  await card(page, 'QuickBooks').getByRole('button', { name: 'Disconnect' }).click();
  const question = page.getByRole('dialog', { name: 'Disconnect Harbor & Pine Coffee Supply?' });
  await expectAccessible(page);
  await question.getByRole('button', { name: 'Disconnect' }).click();
  await expect(page.getByRole('button', { name: 'Connect QuickBooks' })).toBeVisible();
  await open(page, '/customers');
  await expect(page.getByRole('grid', { name: 'Customers' })).toContainText('Blue Heron Cafe');
});

test.describe('without a keychain', () => {
  test.use({ bridgeArguments: ['--no-keychain'] });

  test('connecting is refused with the cause and everything else works', async ({ app: page, bridge }) => {
    await open(page, '/settings/connections');
    await expect(page.getByText("The keychain can't be used")).toBeVisible();
    for (const vendor of ['QuickBooks', 'ShipStation', 'Stripe']) {
      await expect(page.getByRole('button', { name: `Connect ${vendor}` })).toBeDisabled();
    }
    await expectAccessible(page);
    await addCustomer(bridge, 'Ada Pine');
    await open(page, '/customers');
    await expect(page.getByRole('grid', { name: 'Customers' })).toContainText('Ada Pine');
  });
});
