// An order's life as its owner drives it: typed in, held, released, shipped, cancelled, billed; and what stock does.
import { addCustomer, addItem, expect, expectAccessible, open, panel, pick, row, test } from './fixtures.js';
import type { Bridge } from './fixtures.js';

const stock = async (bridge: Bridge, id: string) => {
  const { levels } = await bridge.command<{ levels: { on_hand: string; allocated: string; available: string }[] }>('get_item', { id });
  return levels.map(({ on_hand: hand, allocated, available }) => `${hand} ${allocated} ${available}`).join();
};

test('an order is typed in, held, released and shipped, and stock follows', async ({ app: page, bridge }) => {
  const item = await addItem(bridge, 'MUG-01', 'Stoneware mug', '18');
  await addCustomer(bridge, 'Ada Pine');
  await open(page, '/orders');
  await page.getByRole('button', { name: 'New order' }).click();
  const form = page.getByRole('dialog', { name: 'New order' });
  await pick(page, 'Customer', 'ada', 'Ada Pine');
  await expect(form.getByRole('textbox', { name: "Buyer's name" })).toHaveValue('Ada Pine');
  await pick(page, 'Item, line 1', 'mug', /MUG-01/);
  await form.getByRole('textbox', { name: 'Quantity, line 1' }).fill('3');
  await form.getByRole('textbox', { name: 'Shipping' }).fill('6.50');
  await expect(form.getByText('$60.50')).toBeVisible();
  await expectAccessible(page);
  await form.getByRole('button', { name: 'Save' }).click();
  const details = panel(page, /^Order /);
  await expect(details).toContainText('To ship');
  expect(await stock(bridge, item)).toBe('10 3 7');

  const act = async (action: string) => {
    await details.getByRole('button', { name: 'Actions' }).click();
    await page.getByRole('menuitem', { name: action }).click();
  };
  await act('Put on hold');
  const hold = page.getByRole('dialog', { name: 'Put on hold' });
  await hold.getByRole('textbox', { name: 'Until' }).fill('2031-01-15');
  await expectAccessible(page);
  await hold.getByRole('button', { name: 'Put on hold' }).click();
  await expect(details).toContainText('On hold');
  await expect(details).toContainText('Jan 15, 2031');
  await act('Release from hold');
  await expect(details).toContainText('To ship');

  await act('Mark as shipped');
  const ship = page.getByRole('dialog', { name: 'Mark as shipped' });
  await ship.getByRole('textbox', { name: 'Carrier' }).fill('UPS');
  await ship.getByRole('textbox', { name: 'Tracking number' }).fill('1Z999AA10123456784');
  await expectAccessible(page);
  await ship.getByRole('button', { name: 'Mark as shipped' }).click();
  await expect(details).toContainText('3 of 3 shipped');
  await expect(details).toContainText('1Z999AA10123456784');
  await expect(row(page, 'Orders', 'Ada Pine')).toContainText('Shipped');
  expect(await stock(bridge, item)).toBe('7 0 7');
});

test('a cancelled order gives back what was promised to it', async ({ app: page, bridge }) => {
  const item = await addItem(bridge, 'MUG-01', 'Stoneware mug', '18');
  await open(page, '/orders?new=1');
  const form = page.getByRole('dialog', { name: 'New order' });
  await form.getByRole('textbox', { name: "Buyer's name" }).fill('Walk-in');
  await pick(page, 'Item, line 1', 'mug', /MUG-01/);
  await form.getByRole('textbox', { name: 'Quantity, line 1' }).fill('4');
  await form.getByRole('button', { name: 'Save' }).click();
  const details = panel(page, /^Order /);
  await expect(details).toContainText('0 of 4 shipped');
  expect(await stock(bridge, item)).toBe('10 4 6');
  await details.getByRole('button', { name: 'Actions' }).click();
  await page.getByRole('menuitem', { name: 'Cancel' }).click();
  const question = page.getByRole('dialog', { name: 'Cancel this order?' });
  await question.getByRole('button', { name: 'Cancel the order' }).click();
  await expect(details).toContainText('Cancelled');
  expect(await stock(bridge, item)).toBe('10 0 10');
});

test('an order becomes an invoice with its lines, once', async ({ app: page, bridge }) => {
  await addItem(bridge, 'MUG-01', 'Stoneware mug', '18');
  await addCustomer(bridge, 'Ada Pine');
  await open(page, '/orders?new=1');
  await pick(page, 'Customer', 'ada', 'Ada Pine');
  await pick(page, 'Item, line 1', 'mug', /MUG-01/);
  await page.getByRole('textbox', { name: 'Quantity, line 1' }).press('Enter');
  await expect(page.getByRole('combobox', { name: 'Item, line 2' })).toBeFocused();
  await page.getByRole('textbox', { name: 'Name, line 2' }).fill('Gift wrap');
  await page.getByRole('textbox', { name: 'Price, line 2' }).fill('2.50');
  await page.getByRole('textbox', { name: 'Shipping' }).fill('6');
  await page.getByRole('button', { name: 'Save' }).click();
  await panel(page, /^Order /).getByRole('button', { name: 'Make an invoice' }).click();
  await expect(page.getByRole('combobox', { name: 'Customer', exact: true })).toHaveValue('Ada Pine');
  await expect(page.getByRole('textbox', { name: 'Price, line 1' })).toHaveValue('18.00');
  await expect(page.getByRole('textbox', { name: 'Description, line 2' })).toHaveValue('Gift wrap');
  await expect(page.getByLabel('Totals')).toContainText('$26.50');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  const invoice = panel(page, 'Invoice INV-1001');
  await expect(invoice).toContainText('$26.50');
  await invoice.getByRole('link', { name: 'Show the order' }).click();
  const order = panel(page, /^Order /);
  await expect(order.getByRole('link', { name: 'Show the invoice' })).toBeVisible();
  await expect(order.getByRole('button', { name: 'Make an invoice' })).toBeHidden();
});

test('an order without a buyer or a line is refused beside its fields', async ({ app: page }) => {
  await open(page, '/orders?new=1');
  const form = page.getByRole('dialog', { name: 'New order' });
  await form.getByRole('button', { name: 'Save' }).click();
  await expect(form.getByRole('textbox', { name: "Buyer's name" })).toHaveAttribute('aria-invalid', 'true');
  await expect(form.getByText('Some fields need another look')).toBeVisible();
  await expectAccessible(page);
});

test('orders are marked as shipped together, each with its tracking number, with the buttons in view in a small window', async ({ app: page, bridge }) => {
  const item = await addItem(bridge, 'MUG-01', 'Stoneware mug', '18');
  const buyers = ['Ada Pine', 'Ben Oak', 'Cora Birch', 'Dov Larch', 'Eve Maple', 'Finn Ash', 'Greta Linde', 'Hal Rowan'];
  for (const buyer of buyers) {
    await open(page, '/orders?new=1');
    const form = page.getByRole('dialog', { name: 'New order' });
    await form.getByRole('textbox', { name: "Buyer's name" }).fill(buyer);
    await pick(page, 'Item, line 1', 'mug', /MUG-01/);
    await form.getByRole('button', { name: 'Save' }).click();
    await expect(panel(page, /^Order /)).toContainText(buyer);
  }
  await page.setViewportSize({ width: 1024, height: 700 });
  await open(page, '/orders');
  // All that is selected is what the list shows by then.
  await expect(page.getByText(`${buyers.length} orders`, { exact: true })).toBeVisible();
  await page.getByRole('grid', { name: 'Orders' }).focus();
  await page.keyboard.press('Control+a');
  await page.getByRole('button', { name: 'Actions' }).click();
  await page.getByRole('menuitem', { name: 'Mark as shipped' }).click();
  const ship = page.getByRole('dialog', { name: 'Mark 8 orders as shipped' });
  const numbers = ship.getByRole('group', { name: 'Tracking numbers' }).getByRole('textbox');
  await expect(numbers).toHaveCount(buyers.length);
  await numbers.first().focus();
  for (const index of buyers.keys()) {
    await expect(numbers.nth(index)).toBeFocused();
    await page.keyboard.type(`T-${index}`);
    if (index < buyers.length - 1) await page.keyboard.press('Enter');
  }
  await expect(ship.getByRole('button', { name: 'Mark as shipped' })).toBeInViewport({ ratio: 1 });
  await expectAccessible(page);
  await ship.getByRole('button', { name: 'Mark as shipped' }).click();
  await expect(page.getByText('8 orders marked as shipped')).toBeVisible();
  expect(await stock(bridge, item)).toBe('2 0 2');
});
