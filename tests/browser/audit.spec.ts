// The audit page: both sides agree, or what differs is listed by day and mended by its button.
import { addCustomer, connectQuickBooks, connectWithKeys, expect, expectAccessible, open, syncNow, test } from './fixtures.js';

test('after a sync all vendors agree', async ({ app: page, bridge }) => {
  await connectQuickBooks(page, bridge);
  await connectWithKeys(page, 'ShipStation');
  await connectWithKeys(page, 'Stripe');
  await syncNow(page, bridge);
  await open(page, '/sync/audit');
  await expect(page.getByText('Not compared yet.')).toHaveCount(3);
  await page.getByRole('button', { name: 'Compare now' }).click();
  await expect(page.getByText('All agree', { exact: true })).toHaveCount(3, { timeout: 40_000 });
  const books = page.getByRole('region', { name: 'QuickBooks' });
  await books.getByRole('button', { name: /^Show all/ }).first().click();
  await expect(books.getByRole('table').first()).toBeVisible();
  await expectAccessible(page);
});

test('what was never sent is found and sent by its button', async ({ app: page, bridge }) => {
  await connectQuickBooks(page, bridge);
  await syncNow(page, bridge);
  await addCustomer(bridge, 'Lost and Found');
  const { rows } = await bridge.command<{ rows: { id: string }[] }>('list_outbox', { cursor: null, limit: 5 });
  await bridge.command('drop_outbox', { id: rows[0]?.id, reason: 'By mistake' });
  await open(page, '/sync/audit');
  await page.getByRole('button', { name: 'Compare now' }).click();
  const books = page.getByRole('region', { name: 'QuickBooks' });
  await expect(books.getByText('Is here and not there')).toBeVisible({ timeout: 40_000 });
  await expectAccessible(page);
  await books.getByRole('button', { name: 'Send it: Lost and Found' }).click();
  await expect(books.getByText('All agree')).toBeVisible();
  await syncNow(page, bridge);
  const there = JSON.stringify(await bridge.control('GET', 'state/quickbooks'));
  expect(there.split('"DisplayName":"Lost and Found"')).toHaveLength(2);
});

test('while both sides are compared, the sign of it stands in the middle of its button', async ({ app: page, bridge }) => {
  await connectQuickBooks(page, bridge);
  await syncNow(page, bridge);
  await bridge.control('POST', 'faults', { vendor: 'quickbooks', kind: 'slow', delay_ms: 2000, count: 100 });
  await open(page, '/sync/audit');
  const button = page.getByRole('button', { name: 'Compare now' });
  await button.click();
  const sign = await button.locator('.mantine-Loader-root').boundingBox();
  const around = await button.boundingBox();
  const middle = (box: typeof sign) => ({ x: (box?.x ?? 0) + (box?.width ?? 0) / 2, y: (box?.y ?? 0) + (box?.height ?? 0) / 2 });
  expect(Math.abs(middle(sign).x - middle(around).x)).toBeLessThan(2);
  expect(Math.abs(middle(sign).y - middle(around).y)).toBeLessThan(2);
});
