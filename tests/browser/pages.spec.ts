// Every page, panel and dialog: nothing that keeps anyone out, in light and dark colours, empty and full.
import { connectAll, expect, expectAccessibleInBoth, open, panel, row, test } from './fixtures.js';
import type { Page } from '@playwright/test';

/** Pages that show what the vendors brought. */
const full = [
  '/home',
  '/orders',
  '/invoices',
  '/customers',
  '/inventory',
  '/inventory/stock?q=mug',
  '/payments',
  '/payments/charges',
  '/payments/payouts',
  '/payments?new=1',
  '/sync',
  '/reports',
  '/settings/connections',
];

/** All pages and forms, as a new company finds them. */
const empty = [
  ...full,
  '/orders?new=1',
  '/invoices/new',
  '/customers?new=1',
  '/inventory?new=1',
  '/sync/preview',
  '/sync/waiting',
  '/sync/problems',
  '/settings/company',
  '/settings/lists',
  '/settings/sync',
  '/settings/data',
  '/settings/appearance',
  '/no/such/page',
];

/** Visits a page from the outside, without the panel or drawer of the one before. */
async function visit(page: Page, path: string) {
  await open(page, '/settings/appearance');
  await open(page, path);
  await expect(page.getByRole('heading', { level: 1 }).or(page.getByRole('dialog')).first()).toBeVisible();
}

async function visitAll(page: Page, paths: string[]) {
  test.setTimeout(120_000);
  for (const path of paths) {
    await test.step(path, async () => {
      await visit(page, path);
      await expectAccessibleInBoth(page);
    });
  }
}

test('every list of an empty company is accessible', async ({ app: page }) => {
  await visitAll(page, empty.slice(0, full.length));
});

test('every form and setting of an empty company is accessible', async ({ app: page }) => {
  await visitAll(page, empty.slice(full.length));
});

test('every list of a synced company is accessible', async ({ app: page, bridge }) => {
  await connectAll(page, bridge);
  await visitAll(page, full);
});

test('every panel is accessible', async ({ app: page, bridge }) => {
  test.setTimeout(120_000);
  await connectAll(page, bridge);
  const panels: [path: string, list: string, text: string, title: string | RegExp][] = [
    ['/orders', 'Orders', '1044-1', 'Order 1044-1'],
    ['/invoices', 'Invoices', '1003', 'Invoice 1003'],
    ['/customers', 'Customers', 'Driftwood Inn', 'Driftwood Inn'],
    ['/inventory', 'Items', 'KETT-09', /^Gooseneck kettle/],
    ['/payments', 'Payments', 'North Pier Books', 'Payment of North Pier Books'],
    ['/payments/payouts', 'Stripe payouts', 'Nov', /^Payout of/],
    ['/sync', 'Runs', 'After a preview', /^Run of/],
  ];
  for (const [path, list, text, title] of panels) {
    await test.step(path, async () => {
      await visit(page, path);
      await row(page, list, text).first().click();
      await expect(panel(page, title).getByRole('heading', { level: 3 }).first()).toBeVisible();
      await expectAccessibleInBoth(page);
    });
  }
});

test('every dialog is accessible', async ({ app: page, bridge }) => {
  test.setTimeout(120_000);
  await connectAll(page, bridge);
  const dialogs: [path: string, open: () => Promise<void>][] = [
    ['/home', () => page.keyboard.press('Control+k')],
    ['/settings/lists', () => page.getByRole('button', { name: 'New tax code' }).click()],
    ['/settings/lists', () => page.getByRole('button', { name: 'Edit Main' }).click()],
    ['/settings/connections', () => page.getByRole('button', { name: 'Add account at Stripe' }).click()],
    ['/invoices/new', () => page.getByRole('button', { name: 'Addresses' }).click()],
    ['/invoices/new', () => page.getByRole('combobox', { name: 'Customer' }).fill('a')],
    ['/invoices/new', () => page.getByRole('button', { name: 'Choose from a calendar' }).first().click()],
    ['/orders?open=none', async () => undefined],
    ['/orders', () => page.getByRole('checkbox', { name: /^Select Order 1052/ }).check()],
  ];
  for (const [path, show] of dialogs) {
    await test.step(path, async () => {
      await visit(page, path);
      await show();
      await expectAccessibleInBoth(page);
      await page.keyboard.press('Escape');
    });
  }
});

test('any record is found with Ctrl+K, and any action', async ({ app: page, bridge }) => {
  await connectAll(page, bridge);
  const find = page.getByRole('textbox', { name: 'Find a record or an action' });
  await page.keyboard.press('Control+k');
  await find.fill('kettle');
  await page.getByRole('button', { name: /Gooseneck kettle/ }).click();
  await expect(panel(page, /^Gooseneck kettle/)).toBeVisible();
  for (const [words, title] of [['new ord', 'New order'], ['record', 'Record a payment'], ['new cust', 'New customer'], ['new item', 'New item']] as const) {
    await page.keyboard.press('Control+k');
    await find.fill(words);
    await page.getByRole('button', { name: title }).click();
    await expect(page.getByRole('dialog', { name: title })).toBeVisible();
    await page.getByRole('dialog', { name: title }).getByRole('button', { name: 'Cancel' }).click();
    await expect(page.getByRole('dialog', { name: title })).toBeHidden();
  }
});
