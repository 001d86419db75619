// A sync seen before it happens: what the page shows, what is decided on it, and that just that is done.
import { addCustomer, choose, connectQuickBooks, expect, expectAccessible, open, test, untilIdle, vendorHas } from './fixtures.js';

test('the first sync waits on the preview page, with pairs and their evidence, and does what is said', async ({ app: page, bridge }) => {
  await addCustomer(bridge, 'anna lindqvist');
  await addCustomer(bridge, 'Only Here Ltd');
  await connectQuickBooks(page, bridge, { approve: false });
  await page.getByRole('button', { name: 'A preview waits for you' }).click();
  const body = page.getByRole('region', { name: 'Preview of the sync' });
  await expect(body).toContainText('Waits for you');
  await expect(body.getByRole('heading', { name: 'From QuickBooks' })).toBeVisible();
  await expectAccessible(page);
  await choose(page, 'Show', 'Possible pairs');
  await expect(body).toContainText('Perhaps the same as anna lindqvist here, 85% sure');
  await expect(body.getByRole('article')).toHaveCount(1);
  await choose(page, 'Show', 'Going out');
  const ours = body.getByRole('article', { name: 'Only Here Ltd' });
  await expect(ours).toContainText('New');
  await choose(page, 'Decision for Only Here Ltd', 'Hold');
  await expect(body).toContainText('1 on hold');
  await page.getByRole('button', { name: 'Do this' }).click();
  await expect(body).toContainText('Done ·', { timeout: 40_000 });
  await expect(ours).toContainText('On hold');
  await expectAccessible(page);
  expect(JSON.stringify(await vendorHas(bridge, 'quickbooks', 'Customer'))).not.toContain('Only Here Ltd');
  await open(page, '/customers');
  await expect(page.getByRole('row', { name: /Tidewater Studio/ })).toBeVisible();
});

test('a preview of nothing says that both sides agree', async ({ app: page, bridge }) => {
  await connectQuickBooks(page, bridge);
  await untilIdle(bridge);
  await open(page, '/sync/preview');
  await page.getByRole('button', { name: 'Preview again' }).click();
  await expect(page.getByText('Both sides agree')).toBeVisible({ timeout: 40_000 });
  await expect(page.getByRole('button', { name: 'Do this' })).toHaveCount(0);
  await expectAccessible(page);
});

test('a changed price is shown before and after, and all shown can be skipped at once', async ({ app: page, bridge }) => {
  await connectQuickBooks(page, bridge);
  await untilIdle(bridge);
  await bridge.control('POST', 'act/quickbooks/edit_customer', { id: '2', Notes: 'Prefers the phone' });
  await open(page, '/sync/preview');
  await page.getByRole('button', { name: 'Preview again' }).click();
  const body = page.getByRole('region', { name: 'Preview of the sync' });
  await expect(body).toContainText('Prefers the phone', { timeout: 40_000 });
  await page.getByRole('button', { name: 'Skip all shown' }).click();
  await expect(body).toContainText('1 skipped');
  await page.getByRole('button', { name: 'Do this' }).click();
  await expect(body).toContainText('Done ·', { timeout: 40_000 });
  await page.getByRole('button', { name: 'Preview again' }).click();
  await expect(page.getByText('Both sides agree')).toBeVisible({ timeout: 40_000 });
});
