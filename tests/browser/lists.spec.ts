// Lists longer than what is loaded: their end, their count and their sums; and what stands out of a chosen row.
import { addCustomer, addInvoice, type Bridge, expect, expectAccessibleInBoth, open, row, test } from './fixtures.js';

async function addMany(bridge: Bridge, count: number): Promise<void> {
  const names = Array.from({ length: count }, (_, index) => `Customer ${String(index + 1).padStart(5, '0')}`);
  for (let at = 0; at < names.length; at += 25) await Promise.all(names.slice(at, at + 25).map((name) => addCustomer(bridge, name)));
}

test('“End” goes to the last row of a list that is not loaded, and scrolling back finds every row between', async ({ app: page, bridge }) => {
  test.slow();
  await addMany(bridge, 650);
  await open(page, '/customers');
  const list = page.getByRole('grid', { name: 'Customers' });
  await expect(page.getByRole('status').filter({ hasText: '650 customers' })).toBeVisible();
  await expect(list).toHaveAttribute('aria-rowcount', '651');
  await list.focus();
  await page.keyboard.press('End');
  const last = row(page, 'Customers', 'Customer 00650');
  await expect(last).toBeInViewport();
  await expect(last).toHaveAttribute('aria-rowindex', '651');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('complementary', { name: 'Customer 00650' })).toBeVisible();
  await list.focus();
  await list.evaluate((grid) => grid.scrollTo({ top: 325 * 32 }));
  await expect(row(page, 'Customers', 'Customer 00330')).toBeVisible();
  await page.keyboard.press('Home');
  await expect(row(page, 'Customers', 'Customer 00001')).toBeInViewport();
  await list.evaluate((grid) => grid.scrollTo({ top: 260 * 32 }));
  await expect(row(page, 'Customers', 'Customer 00265')).toBeVisible();
  await page.getByRole('textbox', { name: 'Search customers' }).fill('00650');
  await expect(page.getByRole('status').filter({ hasText: '1 customer' })).toBeVisible();
  await expect(list.getByRole('row')).toHaveCount(2);
});

test('each list says how many rows it has and what they come to, filtered too, and so does a selection', async ({ app: page, bridge }) => {
  const [ada, bob] = [await addCustomer(bridge, 'Ada'), await addCustomer(bridge, 'Bob')];
  await addInvoice(bridge, ada, '100');
  const second = await addInvoice(bridge, bob, '40.50');
  const third = await addInvoice(bridge, bob, '7');
  await bridge.command('void_invoices', { ids: [third.id] });
  await open(page, '/invoices');
  const foot = page.getByRole('status').filter({ hasText: /invoice/ });
  await expect(foot).toContainText('3 invoices');
  await expect(foot).toContainText('Total$140.50');
  await expect(foot).toContainText('Balance due$140.50');
  await page.getByRole('textbox', { name: 'Search invoices' }).fill('ada');
  await expect(foot).toContainText('1 invoice');
  await expect(foot).toContainText('Total$100.00');
  await page.getByRole('textbox', { name: 'Search invoices' }).fill('');
  await expect(foot).toContainText('3 invoices');
  await row(page, 'Invoices', second.number).getByRole('checkbox').check();
  const selected = page.getByRole('toolbar', { name: 'Selected rows' });
  await expect(selected).toContainText('1 selected');
  await expect(selected).toContainText('$40.50');
  await expectAccessibleInBoth(page);
  await open(page, '/customers');
  await expect(page.getByRole('status').filter({ hasText: '2 customers' })).toContainText('Open balance$140.50');
  await open(page, '/payments');
  await expect(page.getByText('No payments yet')).toBeVisible();
});

test('the picker offers the name that was typed before names that only contain it', async ({ app: page, bridge }) => {
  for (const name of ['Customer 00005 Tidewater Studio', 'Customer 00006 Tidewater Studio', 'Tidewater Studio', 'Old Tidewater Studio']) {
    await addCustomer(bridge, name);
  }
  await open(page, '/invoices/new');
  await page.getByRole('combobox', { name: 'Customer', exact: true }).fill('Tidewater St');
  await expect(page.getByRole('option').first()).toHaveText(/^Tidewater Studio/);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('combobox', { name: 'Customer', exact: true })).toHaveValue('Tidewater Studio');
});

test('a status is still a badge on the chosen row', async ({ app: page, bridge }) => {
  const invoice = await addInvoice(bridge, await addCustomer(bridge, 'Ada'), '100');
  await open(page, '/invoices');
  const line = row(page, 'Invoices', invoice.number);
  await line.click();
  const edge = await line.getByText('Open', { exact: true }).evaluate((badge) => getComputedStyle(badge).boxShadow);
  expect(edge).toContain('inset');
});

test('voiding asks about invoices or drafts, whichever it is', async ({ app: page, bridge }) => {
  const customer = await addCustomer(bridge, 'Ada');
  const invoice = await addInvoice(bridge, customer, '100');
  await open(page, `/invoices?open=${invoice.id}`);
  await page.getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('menuitem', { name: 'Void' }).click();
  const question = page.getByRole('dialog', { name: 'Void this invoice?' });
  await expect(question).toContainText('Its number stays used');
  await expect(question).not.toContainText(/draft/i);
});

test('a new customer’s form scrolls in one place', async ({ app: page }) => {
  await page.setViewportSize({ width: 1280, height: 600 });
  await open(page, '/customers?new=1');
  await expect(page.getByRole('dialog', { name: 'New customer' })).toBeVisible();
  const scrolling = await page.getByRole('dialog', { name: 'New customer' }).evaluate((dialog) =>
    [dialog, ...dialog.querySelectorAll('*')].filter((element) => {
      const style = getComputedStyle(element);
      return /auto|scroll/.test(style.overflowY) && element.scrollHeight > element.clientHeight + 1;
    }).length,
  );
  expect(scrolling).toBe(1);
});
