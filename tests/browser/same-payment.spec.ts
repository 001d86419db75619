// Money that may be here already: the owner is asked with what speaks for it, and the answer is done.
import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { type Bridge, connectQuickBooks, connectWithKeys, expect, expectAccessible, open, syncNow, test, untilIdle } from './fixtures.js';

type Paged<T> = { rows: T[] };
type Payment = { id: string; amount: { minor: string }; unapplied: { minor: string }; voided: boolean };

const all = { search: '', filter: 'all', sort: 'date', descending: true, cursor: null, limit: 50 };
const shots = process.env['BACKROOM_SHOTS'];

async function shot(page: Page, name: string): Promise<void> {
  if (!shots) return;
  mkdirSync(shots, { recursive: true });
  await page.screenshot({ path: `${shots}/${name}.png`, fullPage: true });
}

/** An invoice of $120.00 that was paid in cash here, and then at Stripe. */
async function paidTwice(page: Page, bridge: Bridge): Promise<string> {
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
  const id = new URL(page.url().replace('/#', '')).searchParams.get('open') ?? '';
  const invoice = await bridge.command<{ draft: { id: string; customer_id: string; issued_on: string } }>('get_invoice', { id });
  await bridge.command('record_payment', {
    draft: {
      id: randomUUID(),
      customer_id: invoice.draft.customer_id,
      received_on: invoice.draft.issued_on,
      amount: '120',
      method: 'Cash',
      reference: '',
      note: '',
      applied: [{ invoice_id: id, amount: '120' }],
    },
  });
  await syncNow(page, bridge);
  await bridge.control('POST', 'act/stripe/charge', { amount: 12_000, currency: 'usd', name: 'Tilda Berg', metadata: { invoice: ` ${number} ` } });
  await bridge.control('POST', 'time', { advance_s: 120 });
  await syncNow(page, bridge);
  await open(page, '/sync/problems');
  return number;
}

async function payments(bridge: Bridge): Promise<Payment[]> {
  const { rows } = await bridge.command<Paged<Payment & { customer_name: string }>>('list_payments', { query: all });
  return rows.filter((row) => row.customer_name === 'Tide & Timber' && !row.voided);
}

test('a charge that may be a payment already here is asked about, and kept as one', async ({ app: page, bridge }) => {
  test.setTimeout(120_000);
  const number = await paidTwice(page, bridge);
  const problem = page.getByRole('article', { name: /^Charge / });
  await expect(problem).toContainText(`for invoice ${number}`);
  await expect(problem).toContainText('Cash payment of 120.00 USD');
  await expect(problem).toContainText('Same amount');
  await shot(page, 'moneyin-question');
  await expectAccessible(page);
  expect(await payments(bridge)).toHaveLength(1);
  await problem.getByRole('button', { name: 'It is the same payment' }).click();
  await expect(page.getByText('Nothing needs you')).toBeVisible();
  await syncNow(page, bridge);
  expect(await payments(bridge)).toMatchObject([{ amount: { minor: '12000' }, unapplied: { minor: '0' } }]);
  await open(page, '/payments/charges');
  await shot(page, 'moneyin-charges');
});

test('a charge that is another payment is recorded as one, as credit', async ({ app: page, bridge }) => {
  test.setTimeout(120_000);
  await paidTwice(page, bridge);
  await page.getByRole('button', { name: 'Record another payment' }).click();
  await expect(page.getByText('Nothing needs you')).toBeVisible();
  const unapplied = (await payments(bridge)).map((payment) => payment.unapplied.minor);
  expect(unapplied.toSorted()).toEqual(['0', '12000']);
});
