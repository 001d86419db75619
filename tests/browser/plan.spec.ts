// A sync seen before it happens: what the page shows, what is decided on it, and that just that is done.
import { type Bridge, addCustomer, approveFirstSync, choose, connectQuickBooks, expect, expectAccessible, expectAccessibleInBoth, open, syncNow, test, untilIdle, vendorHas } from './fixtures.js';
import type { Locator, Page } from '@playwright/test';

const bodyOf = (page: Page) => page.getByRole('region', { name: 'Preview of the sync' });

/** Looks again and waits for the new preview. */
async function previewAgain(page: Page): Promise<Locator> {
  await open(page, '/sync/preview');
  await page.getByRole('button', { name: 'Preview again' }).click();
  await expect(bodyOf(page)).toContainText(/Waits for you|Looked at/, { timeout: 40_000 });
  return bodyOf(page);
}

/** Presses "Do this" and waits for what became of the preview. */
async function doThis(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Do this' }).click();
  await expect(bodyOf(page)).toContainText('Done ·', { timeout: 40_000 });
}

async function show(page: Page, filter: string): Promise<void> {
  await bodyOf(page).getByRole('radiogroup', { name: 'Show' }).getByText(filter).click();
}

async function customersThere(bridge: Bridge): Promise<string> {
  return JSON.stringify(await vendorHas(bridge, 'quickbooks', 'Customer'));
}

async function notesHere(bridge: Bridge): Promise<string> {
  const query = { search: 'Lindqvist', filter: 'active', sort: 'name', descending: false, cursor: null, limit: 5 };
  const { rows } = await bridge.command<{ rows: { id: string }[] }>('list_customers', { query });
  return JSON.stringify(await bridge.command('get_customer', { id: rows[0]?.id }));
}

test('the first sync waits on the preview page, with pairs and their evidence, and does what is said', async ({ app: page, bridge }) => {
  await addCustomer(bridge, 'anna lindqvist');
  await addCustomer(bridge, 'Only Here Ltd');
  await connectQuickBooks(page, bridge, { approve: false });
  await page.getByRole('button', { name: 'A preview waits for you' }).click();
  const body = bodyOf(page);
  await expect(body).toContainText('Waits for you');
  await expect(body).toContainText('So far nothing was sent to QuickBooks and nothing changed here');
  await expect(body).toContainText('7 customers, 8 items, 10 invoices, 5 payments');
  await expect(body.getByRole('heading', { name: 'From QuickBooks' })).toBeVisible();
  const heron = body.getByRole('article', { name: 'Blue Heron Cafe' });
  await expect(heron).toContainText('orders@blueheron.example');
  await expect(heron).not.toContainText('22 Front Street');
  await heron.getByRole('button', { name: /Blue Heron Cafe/ }).click();
  await expect(heron).toContainText('Billing address: 22 Front Street, Bath ME 04530, US');
  await expect(heron.getByRole('button', { name: /Blue Heron Cafe/ })).toHaveAttribute('aria-expanded', 'true');
  await expectAccessibleInBoth(page);
  await body.getByRole('button', { name: 'Look at pairs' }).click();
  await expect(body).toContainText('Perhaps the same as anna lindqvist here, 85% sure');
  await expect(body.getByRole('article')).toHaveCount(1);
  await show(page, 'Going out');
  const ours = body.getByRole('article', { name: 'Only Here Ltd' });
  await expect(ours).toContainText('New');
  await choose(page, 'Decision for Only Here Ltd', /^Hold/);
  await expect(body).toContainText('1 on hold');
  await doThis(page);
  await expect(ours).toContainText('On hold');
  await expectAccessible(page);
  expect(await customersThere(bridge)).not.toContain('Only Here Ltd');
  await open(page, '/customers');
  await expect(page.getByRole('row', { name: /Tidewater Studio/ })).toBeVisible();
});

test.describe('the call to look at the first sync', () => {
  const call = (page: Page) => page.getByRole('alert').filter({ hasText: 'Review the next QuickBooks sync' });

  test('is gone as soon as the owner looks, and the list of runs leads there too', async ({ app: page, bridge }) => {
    await connectQuickBooks(page, bridge, { approve: false });
    await expect(call(page)).toBeVisible();
    await open(page, '/sync');
    await expect(page.getByText('The first sync waits until you have looked at it')).toBeVisible();
    await expect(call(page), 'nobody has looked yet').toBeVisible();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'See the preview' }).click();
    await expect(bodyOf(page)).toContainText('Waits for you');
    await expect(call(page)).toHaveCount(0, { timeout: 2_000 });
  });

  test('is gone as soon as it was decided elsewhere', async ({ app: page, bridge }) => {
    await connectQuickBooks(page, bridge, { approve: false });
    await expect(call(page)).toBeVisible();
    await expect(page.getByRole('button', { name: 'A preview waits for you' })).toBeVisible();
    await approveFirstSync(page, 'QuickBooks');
    await expect(call(page)).toHaveCount(0, { timeout: 5_000 });
  });
});

test('a pair that is none stays two records', async ({ app: page, bridge }) => {
  await addCustomer(bridge, 'anna lindqvist');
  await connectQuickBooks(page, bridge, { approve: false });
  await page.getByRole('button', { name: 'A preview waits for you' }).click();
  const anna = bodyOf(page).getByRole('article', { name: 'Anna Lindqvist' });
  await anna.getByText('Two different ones: keep both').click();
  await expect(anna.getByRole('radio', { name: 'Two different ones: keep both' })).toBeChecked();
  await doThis(page);
  await open(page, '/customers?q=lindqvist');
  await expect(page.getByRole('row', { name: /lindqvist/i })).toHaveCount(2);
});

test('a preview of nothing says that both sides agree', async ({ app: page, bridge }) => {
  await connectQuickBooks(page, bridge);
  await untilIdle(bridge);
  await previewAgain(page);
  await expect(page.getByText('Both sides agree')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Do this' })).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'A preview waits for you' })).toHaveCount(0);
  await expectAccessible(page);
});

test('a preview that could not look says so instead of claiming that both sides agree', async ({ app: page, bridge }) => {
  await connectQuickBooks(page, bridge);
  await untilIdle(bridge);
  await bridge.control('POST', 'outage', { vendor: 'quickbooks', on: true });
  const body = await previewAgain(page);
  await expect(body).toContainText('Nothing of QuickBooks is in this preview');
  await expect(body).toContainText('Nothing could be looked at');
  await expect(page.getByText('Both sides agree')).toHaveCount(0);
  await expectAccessible(page);
});

test('a changed price is shown before and after, and all shown can be skipped at once', async ({ app: page, bridge }) => {
  await connectQuickBooks(page, bridge);
  await untilIdle(bridge);
  const mug = (await vendorHas<{ Id: string; Name: string }>(bridge, 'quickbooks', 'Item')).find((item) => item.Name === 'Stoneware mug');
  await bridge.control('POST', 'act/quickbooks/edit_item', { id: mug?.Id, UnitPrice: 19.5 });
  const body = await previewAgain(page);
  const row = body.getByRole('article', { name: 'Stoneware mug' });
  await expect(row).toContainText('Changes 1 field');
  await expect(row).toContainText(/\$18\.00.*→.*\$19\.50/);
  await page.getByRole('button', { name: 'Decide for all 1' }).click();
  await page.getByRole('menuitem', { name: /^Skip/ }).click();
  await expect(body).toContainText('1 skipped');
  await doThis(page);
  await page.getByRole('button', { name: 'Preview again' }).click();
  await expect(page.getByText('Both sides agree')).toBeVisible({ timeout: 40_000 });
});

test('what moved after the look is left alone, and the next preview asks again for it and for what is held', async ({ app: page, bridge }) => {
  await connectQuickBooks(page, bridge);
  await untilIdle(bridge);
  await bridge.control('POST', 'act/quickbooks/edit_customer', { id: '2', Notes: 'Prefers the phone' });
  await addCustomer(bridge, 'Held Back Ltd');
  await previewAgain(page);
  const body = bodyOf(page);
  await choose(page, 'Decision for Held Back Ltd', /^Hold/);
  await expect(body).toContainText('1 on hold');
  await bridge.control('POST', 'act/quickbooks/edit_customer', { id: '2', Notes: 'Prefers a letter' });
  await doThis(page);
  await expect(body.getByRole('status')).toContainText('1 moved meanwhile: somebody changed it after you looked, so it was left alone');
  await body.getByRole('listitem').filter({ hasText: 'moved meanwhile' }).getByRole('button', { name: 'Show' }).click();
  const anna = body.getByRole('article', { name: 'Anna Lindqvist' });
  await expect(anna).toContainText('Somebody changed it after you looked');
  await expectAccessibleInBoth(page);
  expect(await notesHere(bridge)).not.toContain('Prefers');
  expect(await customersThere(bridge)).not.toContain('Held Back Ltd');

  await page.getByRole('button', { name: 'Preview again' }).click();
  await expect(body).toContainText('Waits for you', { timeout: 40_000 });
  await expect(anna).toContainText('Prefers a letter');
  await expect(body).toContainText('1 on hold');
  await choose(page, 'Decision for Held Back Ltd', /^Do it As/);
  await doThis(page);
  await expect(body.getByRole('status')).toContainText('2 were done as shown');
  expect(await customersThere(bridge)).toContain('Held Back Ltd');
});

test('a preview of hundreds of records stays quick and is decided as a whole', async ({ app: page, bridge }) => {
  test.setTimeout(120_000);
  for (let made = 0; made < 450; made += 50) {
    const batch = Array.from({ length: 50 }, (_, index) => bridge.control('POST', 'act/quickbooks/create_customer', { DisplayName: `Crowd ${made + index}` }));
    await Promise.all(batch);
  }
  await connectQuickBooks(page, bridge, { approve: false });
  await page.getByRole('button', { name: 'A preview waits for you' }).click({ timeout: 60_000 });
  const body = bodyOf(page);
  await expect(body).toContainText('Coming in');
  await expect(body.getByRole('article').first()).toBeVisible();
  expect(await body.getByRole('article').count(), 'only rows in sight are drawn').toBeLessThan(60);
  await expect(async () => {
    await body.evaluate((region) => region.scrollTo({ top: region.scrollHeight }));
    await expect(body.getByRole('heading', { name: /^Payments/ })).toBeVisible({ timeout: 500 });
  }).toPass({ timeout: 30_000 });
  await page.getByRole('button', { name: /^Decide for all/ }).click();
  await page.getByRole('menuitem', { name: /^Hold/ }).click();
  await body.evaluate((region) => region.scrollTo({ top: 0 }));
  await expect(body).toContainText(/48\d on hold/);
});

test('what may have arrived is found out in any case, and the preview says so', async ({ app: page, bridge }) => {
  await connectQuickBooks(page, bridge);
  await untilIdle(bridge);
  const name = 'Perhaps & Maybe Trading Company of the Northern Harbours and Their Lesser Known Islands Limited';
  await addCustomer(bridge, name);
  await bridge.control('POST', 'faults', { vendor: 'quickbooks', kind: 'cut_after', method: 'POST', path: 'customer', count: 1 });
  await syncNow(page, bridge);
  const body = await previewAgain(page);
  await expect(body.getByRole('article')).toHaveCount(1);
  const perhaps = body.getByRole('article', { name });
  await expect(perhaps).toContainText('Find out first');
  await perhaps.getByRole('button', { name }).click();
  await expect(perhaps).toContainText("Until that is known it can't be held back.");
  await page.getByRole('combobox', { name: `Decision for ${name}`, exact: true }).click();
  await expect(page.getByRole('option')).toHaveCount(1);
  await page.keyboard.press('Escape');
  await expectAccessible(page);
  await body.getByRole('button', { name: /Decide for all/ }).click();
  await page.getByRole('menuitem', { name: /^Hold/ }).click();
  await expect(body).not.toContainText('1 on hold');
});
