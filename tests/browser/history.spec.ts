// What happened to a record: who or what did it, in which run, back to the beginning; every kind with a panel has one.
import { addItem, type Bridge, connectQuickBooks, expect, expectAccessible, noAddress, open, panel, row, syncNow, test } from './fixtures.js';
import type { Page } from '@playwright/test';

/** Anna's telephone number, saved this many times by the owner. */
async function changePhone(bridge: Bridge, times: number): Promise<void> {
  const { rows } = await bridge.command<{ rows: { id: string }[] }>('list_customers', {
    query: { search: 'Anna', filter: 'active', sort: 'name', descending: false, cursor: null, limit: 10 },
  });
  for (let turn = 1; turn <= times; turn += 1) {
    const { draft } = await bridge.command<{ draft: object }>('get_customer', { id: rows[0]?.id });
    await bridge.command('save_customer', { draft: { ...draft, phone: `555-${turn}` } });
  }
}

async function openAnna(page: Page) {
  await open(page, '/customers');
  await page.getByRole('row', { name: /Anna Lindqvist/ }).click();
  return panel(page, 'Anna Lindqvist');
}

test('a history names its authors, reaches back to the first day and leads to the run', async ({ app: page, bridge }) => {
  await connectQuickBooks(page, bridge);
  await syncNow(page, bridge);
  await changePhone(bridge, 25);
  const anna = await openAnna(page);
  await expect(anna.getByText('555-25').first()).toBeVisible();
  await expect(anna.getByRole('button', { name: 'Created' })).toHaveCount(0);
  await anna.getByRole('button', { name: 'Show more' }).click();
  const first = anna.getByRole('listitem').filter({ has: page.getByRole('button', { name: 'Created' }) });
  await expect(first).toContainText(/by QuickBooks.*, in the sync of /);
  await expect(anna.getByRole('button', { name: 'Show more' })).toHaveCount(0);
  await expectAccessible(page);
  await first.getByRole('link', { name: /sync of/ }).click();
  await expect(page).toHaveURL(/#\/sync\?open=/);
  await expect(panel(page, /^Run of/)).toContainText('Anna Lindqvist');
});

test('what an undo put back is told as undone by the owner', async ({ app: page, bridge }) => {
  await connectQuickBooks(page, bridge);
  await syncNow(page, bridge);
  await changePhone(bridge, 1);
  await syncNow(page, bridge);
  const { rows } = await bridge.command<{ rows: { id: string }[] }>('list_runs', { cursor: null, limit: 1 });
  await bridge.command('undo_run', { id: rows[0]?.id });
  const anna = await openAnna(page);
  const undone = anna.getByRole('listitem').filter({ has: page.getByRole('button', { name: 'Undone' }) });
  await expect(undone).toContainText('by you, in the undo run of', { timeout: 40_000 });
  await expect(undone).toContainText('555-1');
});

test('a payment shows its history, and its earlier state with the reason why it stays', async ({ app: page, bridge }) => {
  await connectQuickBooks(page, bridge);
  await syncNow(page, bridge);
  await open(page, '/payments');
  await row(page, 'Payments', 'Anna Lindqvist').click();
  const payment = panel(page, /^Payment of/);
  const created = payment.getByRole('listitem').filter({ has: page.getByRole('button', { name: 'Created' }) });
  await expect(created).toContainText(/by QuickBooks.*, in the sync of /);
  await created.getByRole('button', { name: 'Created' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: /^Show \d+ fields that are the same/ }).click();
  await expect(dialog).toContainText('Amount');
  await expect(dialog).toContainText('Cancel it and record it again');
  await expect(dialog.getByRole('button', { name: 'Bring back' })).toBeDisabled();
  await expectAccessible(page);
});

test('a parcel shows its history with its order', async ({ app: page, bridge }) => {
  const item = await addItem(bridge, 'MUG-01', 'Stoneware mug', '18');
  const line = { id: crypto.randomUUID(), item_id: item, sku: 'MUG-01', name: 'Stoneware mug', quantity: '2', unit_price: '18' };
  const buyer = { customer_id: null, customer_name: 'Walk-in', customer_email: '', ship_to: noAddress, customer_note: '', internal_note: '' };
  const draft = { id: crypto.randomUUID(), version: null, number: '', ordered_on: '2026-01-15', lines: [line], shipping: '', tax: '', ...buyer };
  await bridge.command('save_order', { draft });
  const parcels = [{ order_id: draft.id, tracking_number: '1Z999' }];
  const action = { type: 'mark_shipped', carrier: 'UPS', shipped_on: '2026-01-02', notify_buyer: false, notify_channel: false, parcels };
  await bridge.command('act_on_orders', { ids: [draft.id], action });
  await open(page, `/orders?open=${draft.id}`);
  const order = panel(page, /^Order /);
  await order.getByRole('button', { name: 'History of this parcel' }).click();
  const parcel = order.getByRole('listitem').filter({ hasText: 'Tracking number: 1Z999' });
  const created = parcel.filter({ has: page.getByRole('button', { name: 'Created' }) });
  await expect(created).toContainText('by you');
  await created.getByRole('button', { name: 'Created' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('it is a fact');
  await expect(dialog.getByRole('button', { name: 'Bring back' })).toBeDisabled();
  await expectAccessible(page);
});
