// The main job: an invoice written here, seen at QuickBooks, paid at Stripe, shown as paid on both sides.
import { connectQuickBooks, connectWithKeys, expect, expectAccessible, open, panel, row, syncNow, test, untilIdle, vendorHas } from './fixtures.js';

type Billed = { DocNumber: string; TotalAmt: number; Balance: number };

test('an invoice paid at Stripe is paid here and at QuickBooks', async ({ app: page, bridge }) => {
  await connectQuickBooks(page, bridge);
  await untilIdle(bridge);
  await connectWithKeys(page, 'Stripe');
  await open(page, '/invoices/new');
  await page.getByRole('combobox', { name: 'Customer', exact: true }).fill('Tide & Timber');
  await page.getByRole('option', { name: /New customer/ }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('dialog')).toBeHidden();
  await page.getByRole('textbox', { name: 'Description, line 1' }).fill('Espresso machine service');
  await page.getByRole('textbox', { name: 'Price, line 1' }).fill('120');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  const number = ((await page.getByRole('heading', { name: /^Invoice / }).textContent()) ?? '').replace('Invoice ', '');
  await syncNow(page, bridge);
  const invoice = panel(page, `Invoice ${number}`);
  await expect(invoice).toContainText('In sync');
  const billed = async () => (await vendorHas<Billed>(bridge, 'quickbooks', 'Invoice')).filter((known) => known.DocNumber === number);
  expect(await billed()).toMatchObject([{ TotalAmt: 120, Balance: 120 }]);

  await bridge.control('POST', 'act/stripe/charge', { amount: 12_000, currency: 'usd', metadata: { invoice: number } });
  await bridge.control('POST', 'time', { advance_s: 120 });
  await syncNow(page, bridge);
  await expect(row(page, 'Invoices', number)).toContainText('Paid');
  await expect(invoice).toContainText('Stripe');
  await syncNow(page, bridge);
  expect(await billed()).toMatchObject([{ TotalAmt: 120, Balance: 0 }]);
  const payments = await vendorHas<{ TotalAmt: number; CustomerRef: { name: string } }>(bridge, 'quickbooks', 'Payment');
  expect(payments.filter((payment) => payment.CustomerRef.name === 'Tide & Timber')).toMatchObject([{ TotalAmt: 120 }]);
  await open(page, '/payments/charges');
  await expect(row(page, 'Stripe charges', number)).toContainText('$120.00');
});

test('what was paid with an invoice itself at QuickBooks counts as paid and stands in its totals', async ({ app: page, bridge }) => {
  await connectQuickBooks(page, bridge);
  await untilIdle(bridge);
  const [customer] = await vendorHas<{ Id: string }>(bridge, 'quickbooks', 'Customer');
  const [item] = await vendorHas<{ Id: string }>(bridge, 'quickbooks', 'Item');
  const line = { Amount: 467, DetailType: 'SalesItemLineDetail', SalesItemLineDetail: { ItemRef: { value: item?.Id }, Qty: 1, UnitPrice: 467 } };
  await bridge.control('POST', 'act/quickbooks/create_invoice', {
    DocNumber: 'D-1008',
    CustomerRef: { value: customer?.Id },
    Deposit: 50,
    Line: [line],
  });
  await syncNow(page, bridge);
  await open(page, '/invoices');
  await row(page, 'Invoices', 'D-1008').click();
  const totals = panel(page, 'Invoice D-1008');
  await expect(totals).toContainText('Deposit');
  await expect(totals).toContainText('$50.00');
  await expect(totals).toContainText('$417.00');
  await expectAccessible(page);
});
