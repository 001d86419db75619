// Every page: nothing that keeps anyone out, light and dark, empty and full.
import { connectQuickBooks, connectWithKeys, expect, expectAccessible, open, syncNow, test } from './fixtures.js';

const paths = [
  '/home',
  '/orders',
  '/invoices',
  '/invoices/new',
  '/customers',
  '/customers?new=1',
  '/inventory',
  '/payments',
  '/payments/charges',
  '/payments/payouts',
  '/payments?new=1',
  '/sync',
  '/sync/preview',
  '/sync/waiting',
  '/sync/problems',
  '/reports',
  '/settings/connections',
  '/settings/company',
  '/settings/lists',
  '/settings/sync',
  '/settings/data',
  '/settings/appearance',
];

for (const scheme of ['light', 'dark'] as const) {
  test(`every page of an empty company is accessible in ${scheme} colours`, async ({ app: page }) => {
    test.setTimeout(180_000);
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    for (const path of paths) {
      await page.goto(page.url().split('#')[0] + `#${path}`);
      await page.reload();
      await expect(page.getByRole('main').or(page.getByRole('dialog')).first()).toBeVisible();
      await test.step(path, () => expectAccessible(page));
    }
  });
}

test('every page of a synced company is accessible', async ({ app: page, bridge }) => {
  test.setTimeout(180_000);
  await connectQuickBooks(page, bridge);
  await connectWithKeys(page, 'ShipStation');
  await connectWithKeys(page, 'Stripe');
  await syncNow(page);
  for (const path of paths) {
    await open(page, path);
    await expect(page.getByRole('main').first()).toBeVisible();
    await test.step(path, () => expectAccessible(page));
  }
});

test('any record is found with Ctrl+K', async ({ app: page, bridge }) => {
  await connectQuickBooks(page, bridge);
  await syncNow(page);
  await page.keyboard.press('Control+k');
  await page.getByPlaceholder(/Search|Find/).last().fill('kettle');
  await expect(page.getByText('Gooseneck kettle', { exact: false }).first()).toBeVisible();
});
