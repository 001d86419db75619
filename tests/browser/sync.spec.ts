// One button: what it brings, what it sends, what it says of it; and what happens without the vendors.
import { addCustomer, addInvoice, connectQuickBooks, connectWithKeys, expect, expectAccessible, open, panel, pick, row, syncNow, test, untilIdle, vendorHas } from './fixtures.js';

test('the first sync brings everything over and lists what it changed', async ({ app: page, bridge }) => {
  await connectQuickBooks(page, bridge);
  await untilIdle(bridge);
  await connectWithKeys(page, 'ShipStation');
  await connectWithKeys(page, 'Stripe');
  await syncNow(page, bridge);
  await open(page, '/sync');
  await row(page, 'Runs', 'After a preview').last().click();
  const run = panel(page, /^Run of/);
  await expect(run).toContainText('QuickBooks');
  await expect(run).toContainText('Blue Heron Cafe');
  await open(page, '/customers');
  await expect(row(page, 'Customers', 'Maple Street Bakery')).toContainText('$366.00');
  await open(page, '/invoices');
  await expect(row(page, 'Invoices', '1003')).toContainText('Overdue');
  await open(page, '/orders');
  await expect(row(page, 'Orders', '1041')).toContainText('Shipped');
  await open(page, '/payments/payouts');
  await expect(page.getByRole('grid', { name: 'Stripe payouts' })).toContainText('To the cent');
});

test('a second sync changes nothing', async ({ app: page, bridge }) => {
  await connectQuickBooks(page, bridge);
  await syncNow(page, bridge);
  await open(page, '/sync');
  await row(page, 'Runs', 'By you').click();
  await expect(page.getByText('Nothing. Both sides agreed already.')).toBeVisible();
});

test('a run shows its progress and can be cancelled', async ({ app: page, bridge }) => {
  await connectQuickBooks(page, bridge);
  await untilIdle(bridge);
  await bridge.control('POST', 'faults', { vendor: 'quickbooks', kind: 'slow', delay_ms: 4000, count: 100 });
  await open(page, '/sync');
  await page.getByRole('button', { name: 'Start a run' }).click();
  const progress = page.getByRole('region', { name: 'The run going on' });
  await expect(progress).toContainText('QuickBooks');
  await expect(progress).toContainText('read');
  await expect(row(page, 'Runs', 'By you')).toContainText('Running');
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Cancel this run' }).click();
  await expect(row(page, 'Runs', 'By you')).toContainText('Cancelled');
  await expect(page.getByRole('button', { name: 'Start a run' })).toBeEnabled();
});

test('an order typed in here goes to ShipStation, and a parcel sent there comes back', async ({ app: page, bridge }) => {
  await connectWithKeys(page, 'ShipStation');
  await untilIdle(bridge);
  await open(page, '/orders?new=1');
  const form = page.getByRole('dialog', { name: 'New order' });
  await form.getByRole('textbox', { name: "Buyer's name" }).fill('Iris Thorn');
  await form.getByRole('textbox', { name: 'Number' }).fill('B-2001');
  await form.getByRole('textbox', { name: 'Name, line 1' }).fill('Hand-thrown bowl');
  await form.getByRole('textbox', { name: 'Price, line 1' }).fill('48');
  const place = form.getByRole('group', { name: 'Ship to' });
  for (const [field, words] of [['Name', 'Iris Thorn'], ['Street', '1 Quay'], ['City', 'Bath'], ['State or region', 'ME'], ['Postal code', '04530'], ['Country code', 'US']]) {
    await place.getByRole('textbox', { name: field, exact: true }).fill(words ?? '');
  }
  await form.getByRole('button', { name: 'Save' }).click();
  await expect(panel(page, 'Order B-2001')).toContainText('Waiting');
  await bridge.control('POST', 'act/shipstation/ship', { orderNumber: '1052' });
  await syncNow(page, bridge);
  await expect(panel(page, 'Order B-2001')).toContainText('In sync');
  const orders = (await vendorHas(bridge, 'shipstation', 'orders')).filter((order) => order['orderNumber'] === 'B-2001');
  expect(orders).toHaveLength(1);
  await expect(row(page, 'Orders', '1052')).toContainText('Shipped');
  await row(page, 'Orders', '1052').click();
  await expect(panel(page, 'Order 1052')).toContainText('2 of 2 shipped');
});

test('work without the vendors waits in sight and is sent once when they are back', async ({ app: page, bridge }) => {
  await connectQuickBooks(page, bridge);
  await untilIdle(bridge);
  await bridge.control('POST', 'outage', { vendor: 'quickbooks', on: true });
  await open(page, '/customers?new=1');
  await page.getByRole('textbox', { name: 'Name', exact: true }).first().fill('Offline Outfitters');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Customer added')).toBeVisible();
  await open(page, '/invoices/new');
  await pick(page, 'Customer', 'offline', 'Offline Outfitters');
  await page.getByRole('textbox', { name: 'Description, line 1' }).fill('Tent');
  await page.getByRole('textbox', { name: 'Price, line 1' }).fill('99');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(panel(page, /^Invoice/)).toContainText('Waiting');
  await syncNow(page, bridge);
  await expect(page.getByRole('region', { name: 'Sync', exact: true })).toContainText('Unreachable');
  await open(page, '/sync/waiting');
  await expect(row(page, 'Changes waiting to be sent', 'Customer Offline Outfitters')).toBeVisible();
  await expect(row(page, 'Changes waiting to be sent', 'Invoice')).toContainText('Goes out with the next sync');
  await expectAccessible(page);

  await bridge.control('POST', 'outage', { vendor: 'quickbooks', on: false });
  await bridge.control('POST', 'time', { advance_s: 3600 });
  await syncNow(page, bridge);
  await expect(page.getByText('Nothing waits')).toBeVisible();
  const named = (await vendorHas(bridge, 'quickbooks', 'Customer')).filter((customer) => customer['DisplayName'] === 'Offline Outfitters');
  expect(named).toHaveLength(1);
  const billed = (await vendorHas<{ CustomerRef: { name: string } }>(bridge, 'quickbooks', 'Invoice')).filter((invoice) => invoice.CustomerRef.name === 'Offline Outfitters');
  expect(billed).toHaveLength(1);
});

test('a refused record waits with its cause, stops nobody, and goes through when tried again', async ({ app: page, bridge }) => {
  await connectQuickBooks(page, bridge);
  await untilIdle(bridge);
  await bridge.control('POST', 'act/quickbooks/close_books', { date: '2099-12-31' });
  const customer = await addCustomer(bridge, 'Once Upon a Shelf');
  const { number } = await addInvoice(bridge, customer, '75');
  await syncNow(page, bridge);
  expect((await vendorHas(bridge, 'quickbooks', 'Customer')).map((known) => known['DisplayName'])).toContain('Once Upon a Shelf');
  await open(page, '/sync/problems');
  const problem = page.getByRole('article').filter({ hasText: number });
  await expect(problem).toContainText('QuickBooks says');
  await expectAccessible(page);
  await open(page, '/sync/waiting');
  await expect(row(page, 'Changes waiting to be sent', number)).toContainText('Needs you');
  await open(page, '/invoices');
  await expect(row(page, 'Invoices', number).getByRole('img', { name: 'Problem' })).toBeVisible();

  await bridge.control('POST', 'act/quickbooks/close_books', {});
  await open(page, '/sync/problems');
  await problem.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByText('Nothing needs you')).toBeVisible();
  await syncNow(page, bridge);
  const sent = (await vendorHas(bridge, 'quickbooks', 'Invoice')).filter((invoice) => invoice['DocNumber'] === number);
  expect(sent).toHaveLength(1);
});

test('the same field changed on both sides is the owner\'s to decide', async ({ app: page, bridge }) => {
  await connectQuickBooks(page, bridge);
  await untilIdle(bridge);
  const heron = (await vendorHas<{ Id: string; DisplayName: string }>(bridge, 'quickbooks', 'Customer')).find((known) => known.DisplayName === 'Blue Heron Cafe');
  await bridge.control('POST', 'act/quickbooks/edit_customer', { id: heron?.Id, PrimaryPhone: { FreeFormNumber: '111' } });
  await open(page, '/customers?q=heron');
  await row(page, 'Customers', 'Blue Heron Cafe').click();
  await page.getByRole('button', { name: 'Edit' }).click();
  await page.getByRole('textbox', { name: 'Telephone' }).first().fill('222');
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Customer saved')).toBeVisible();
  await syncNow(page, bridge);
  await open(page, '/sync/problems');
  await expect(page.getByRole('article').filter({ hasText: 'Blue Heron Cafe' })).toBeVisible();
  await expectAccessible(page);
});

test('without a connection the Sync page says what to do', async ({ app: page }) => {
  await open(page, '/sync');
  await expect(page.getByText('Nothing to sync with yet')).toBeVisible();
  await page.getByRole('button', { name: 'Open connections' }).click();
  await expect(page.getByRole('heading', { name: 'Connections' })).toBeVisible();
});

test('the timer is set, paused and kept', async ({ app: page, bridge }) => {
  await connectQuickBooks(page, bridge);
  await untilIdle(bridge);
  await open(page, '/settings/sync');
  await page.getByText('30 min', { exact: true }).click();
  await expect(page.getByText(/^Next run /)).toBeVisible();
  await page.getByRole('switch', { name: 'Notify me when something needs me' }).click();
  await page.getByRole('switch', { name: 'Keep running when the window is closed' }).click();
  await expect(page.getByLabel('Keep running when the window is closed')).not.toBeChecked();
  await page.getByRole('textbox', { name: 'Deleted, made inactive or voided' }).fill('10');
  await page.getByRole('textbox', { name: 'Changed' }).focus();
  await expectAccessible(page);
  await open(page, '/sync');
  await page.getByRole('button', { name: 'Pause the timer' }).click();
  await expect(page.getByRole('button', { name: 'Resume the timer' })).toBeVisible();
  await open(page, '/settings/sync');
  await page.reload();
  await expect(page.getByRole('radio', { name: '30 min' })).toBeChecked();
  await expect(page.getByLabel('Pause')).toBeChecked();
  await expect(page.getByLabel('Notify me when something needs me')).not.toBeChecked();
  await expect(page.getByLabel('Keep running when the window is closed')).not.toBeChecked();
  expect(await bridge.command('sync_settings')).toEqual({
    interval_minutes: 30,
    paused: true,
    close_to_tray: false,
    notify: false,
    brake_retire_percent: 10,
    brake_change_percent: 50,
  });
});
