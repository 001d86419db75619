// One button: what it brings, what it sends, what it says of it; and what happens without the vendors.
import { connectQuickBooks, connectWithKeys, expect, expectAccessible, open, syncNow, test } from './fixtures.js';

test('the first sync brings everything over and lists what it changed', async ({ app: page, bridge }) => {
  await connectQuickBooks(page, bridge);
  await connectWithKeys(page, 'ShipStation');
  await connectWithKeys(page, 'Stripe');
  await open(page, '/sync');
  await syncNow(page);
  await page.getByRole('row', { name: /^Run of/ }).first().click();
  const panel = page.getByRole('complementary', { name: /^Run of/ });
  await expect(panel).toContainText('QuickBooks');
  await expect(panel).toContainText('What it changed');
  await expectAccessible(page);
  await open(page, '/customers');
  await expect(page.getByRole('row', { name: /@|[A-Z]/ }).nth(1)).toBeVisible();
  await open(page, '/orders');
  await expect(page.getByRole('grid', { name: 'Orders' })).toContainText('Shipped');
  await open(page, '/payments/payouts');
  await expect(page.getByRole('grid', { name: 'Stripe payouts' })).toContainText('To the cent');
});

test('a second sync changes nothing', async ({ app: page, bridge }) => {
  await connectQuickBooks(page, bridge);
  await syncNow(page);
  await syncNow(page);
  await open(page, '/sync');
  await page.getByRole('row', { name: /^Run of/ }).first().click();
  await expect(page.getByText('Nothing. Both sides agreed already.')).toBeVisible();
});

test('work without the vendors waits in sight and is sent once when they are back', async ({ app: page, bridge }) => {
  await connectQuickBooks(page, bridge);
  await syncNow(page);
  await bridge.control('POST', 'outage', { vendor: 'quickbooks', on: true });
  await open(page, '/customers?new=1');
  await page.getByLabel('Name', { exact: true }).first().fill('Offline Outfitters');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Customer added')).toBeVisible();
  await syncNow(page);
  await open(page, '/sync/waiting');
  await expect(page.getByRole('row', { name: 'customer Offline Outfitters' })).toBeVisible();
  await expectAccessible(page);
  await bridge.control('POST', 'outage', { vendor: 'quickbooks', on: false });
  await expect(async () => {
    await syncNow(page);
    await expect(page.getByText('Nothing waits')).toBeVisible({ timeout: 2000 });
  }).toPass({ timeout: 60_000 });
  const customers = JSON.stringify(await bridge.control('GET', 'state/quickbooks'));
  expect(customers.split('"DisplayName":"Offline Outfitters"')).toHaveLength(2);
});

test('a record that is refused waits with its cause and never stops the others', async ({ app: page, bridge }) => {
  await connectQuickBooks(page, bridge);
  await syncNow(page);
  await bridge.control('POST', 'act/quickbooks/create_customer', { DisplayName: 'Twice Told Tales' });
  for (const name of ['Twice Told Tales', 'Once Upon a Shelf']) {
    await open(page, '/customers?new=1');
    await page.getByLabel('Name', { exact: true }).first().fill(name);
    await page.getByRole('button', { name: 'Save' }).click();
    await expect(page.getByText('Customer added').first()).toBeVisible();
  }
  await syncNow(page);
  const customers = JSON.stringify(await bridge.control('GET', 'state/quickbooks'));
  expect(customers).toContain('Once Upon a Shelf');
  expect(customers.split('"DisplayName":"Twice Told Tales"')).toHaveLength(2);
});

test('without a connection the Sync page says what to do', async ({ app: page }) => {
  await open(page, '/sync');
  await expect(page.getByText('Nothing to sync with yet')).toBeVisible();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Open connections' }).click();
  await expect(page.getByRole('heading', { name: 'Connections' })).toBeVisible();
});
