// The main job: an invoice written here, seen at QuickBooks, paid at Stripe, shown as paid on both sides.
import { connectQuickBooks, connectWithKeys, expect, open, syncNow, test } from './fixtures.js';

test('an invoice paid at Stripe is paid here and at QuickBooks', async ({ app: page, bridge }) => {
  await connectQuickBooks(page, bridge);
  await connectWithKeys(page, 'Stripe');
  await syncNow(page);
  await open(page, '/invoices/new');
  await page.getByRole('textbox', { name: 'Customer' }).fill('Tide & Timber');
  await page.getByRole('option', { name: /New customer/ }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await page.getByRole('textbox', { name: 'Description, line 1' }).fill('Espresso machine service');
  await page.getByRole('textbox', { name: 'Price, line 1' }).fill('120');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  const title = await page.getByRole('heading', { name: /^Invoice / }).textContent();
  await syncNow(page);
  const number = (await page.getByRole('heading', { name: /^Invoice / }).textContent())?.replace('Invoice ', '') ?? '';
  expect(title).toContain('Invoice');
  expect(JSON.stringify(await bridge.control('GET', 'state/quickbooks'))).toContain(`"DocNumber":"${number}"`);

  await bridge.control('POST', 'act/stripe/charge', { amount: 12000, currency: 'usd', metadata: { invoice: number } });
  await bridge.control('POST', 'time', { advance_s: 120 });
  await syncNow(page);
  await syncNow(page);
  await expect(page.getByRole('complementary', { name: `Invoice ${number}` })).toContainText('Paid');
  const state = JSON.stringify(await bridge.control('GET', 'state/quickbooks'));
  expect(state).toContain('Backroom');
});
