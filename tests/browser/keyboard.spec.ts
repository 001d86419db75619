// Working without the mouse: keys that open things from anywhere, whole records typed in, and where the focus is afterwards.
import { addCustomer, addInvoice, addItem, expect, expectAccessible, expectAccessibleInBoth, open, panel, test } from './fixtures.js';

for (const modifier of ['Control', 'Meta']) {
  test(`${modifier}+K and ${modifier}+J work while a field has the focus`, async ({ app: page }) => {
    await open(page, '/invoices');
    const search = page.getByRole('textbox', { name: 'Search invoices' });
    await search.fill('tide');
    await search.press(`${modifier}+k`);
    const find = page.getByRole('textbox', { name: 'Find a record or an action' });
    await expect(find).toBeFocused();
    await page.keyboard.press('Escape');
    await expect(find).toBeHidden();
    await search.focus();
    await search.press(`${modifier}+j`);
    await expect(page.getByRole('heading', { name: 'Customers' })).toBeVisible();
    await open(page, '/settings/company');
    await page.getByRole('textbox', { name: 'Company name' }).press(`${modifier}+k`);
    await expect(find).toBeFocused();
  });
}

test('typed work is not lost by a key that goes elsewhere, even on the same page', async ({ app: page }) => {
  await open(page, '/customers?new=1');
  const name = page.getByRole('textbox', { name: 'Name' }).first();
  await name.fill('Juniper Books');
  await name.press('Control+j');
  await expect(page.getByRole('dialog', { name: 'Leave without saving?' })).toBeVisible();
  await page.getByRole('button', { name: 'Keep editing' }).click();
  await expect(name).toHaveValue('Juniper Books');
});

test('a whole invoice is typed, saved and looked at by keyboard alone', async ({ app: page, bridge }) => {
  await addCustomer(bridge, 'Tidewater Studio');
  await addItem(bridge, 'MUG-01', 'Stoneware mug', '18.00');
  await page.keyboard.press('Control+i');
  const customer = page.getByRole('combobox', { name: 'Customer', exact: true });
  await expect(customer).toBeFocused();
  await page.keyboard.type('tidew');
  await page.keyboard.press('Tab');
  await expect(customer).toHaveValue('Tidewater Studio');
  await expect(page.getByRole('textbox', { name: 'Number' })).toBeFocused();
  const item = page.getByRole('combobox', { name: 'Item, line 1' });
  await item.focus();
  await page.keyboard.type('mug');
  await page.keyboard.press('Tab');
  await expect(item).toHaveValue(/MUG-01/);
  await expect(page.getByRole('textbox', { name: 'Description, line 1' })).toBeFocused();
  await page.keyboard.press('Tab');
  await page.keyboard.type('3');
  await expect(page.getByRole('textbox', { name: 'Quantity, line 1' })).toHaveValue('3');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('combobox', { name: 'Item, line 2' })).toBeFocused();
  await page.keyboard.type('stoneware');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('textbox', { name: 'Description, line 2' })).toHaveValue('Stoneware mug');
  await page.keyboard.press('Control+s');
  const saved = panel(page, 'Invoice INV-1001');
  await expect(saved).toContainText('$72.00');
  await expect(saved).toBeFocused();
  await expectAccessible(page);
});

test('“Clear” is no stop on the way through a line', async ({ app: page, bridge }) => {
  const id = await addCustomer(bridge, 'Tidewater Studio');
  await addItem(bridge, 'MUG-01', 'Stoneware mug', '18.00');
  await open(page, `/invoices/new?customer=${id}`);
  const item = page.getByRole('combobox', { name: 'Item, line 1' });
  await expect(item).toBeFocused();
  await page.keyboard.type('mug');
  await page.keyboard.press('Enter');
  await expect(item).toHaveValue(/MUG-01/);
  await expect(page.getByRole('button', { name: 'Clear' })).toBeVisible();
  await item.focus();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('textbox', { name: 'Description, line 1' })).toBeFocused();
});

test('Tab on a name that nobody has offers to add it, and giving up keeps what was chosen', async ({ app: page, bridge }) => {
  await addCustomer(bridge, 'Tidewater Studio');
  await open(page, '/invoices/new');
  const customer = page.getByRole('combobox', { name: 'Customer', exact: true });
  await expect(customer).toBeFocused();
  await page.keyboard.type('Nobody yet');
  await page.keyboard.press('Tab');
  const dialog = page.getByRole('dialog', { name: 'New customer' });
  await expect(dialog.getByRole('textbox', { name: 'Name' })).toHaveValue('Nobody yet');
  await page.keyboard.press('Control+s');
  await expect(dialog).toBeHidden();
  await expect(customer).toHaveValue('Nobody yet');
  await customer.focus();
  await page.keyboard.type('tide');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Tab');
  await expect(customer).toHaveValue('Nobody yet');
});

test('after saving a customer, an item, an order or a payment the focus is on it', async ({ app: page, bridge }) => {
  const id = await addCustomer(bridge, 'Tidewater Studio');
  const invoice = await addInvoice(bridge, id, '40');
  await addItem(bridge, 'MUG-01', 'Stoneware mug', '18.00');

  await open(page, '/customers?new=1');
  await expect(page.getByRole('dialog', { name: 'New customer' }).getByRole('textbox', { name: 'Name' }).first()).toBeFocused();
  await page.keyboard.type('Juniper Books');
  await page.keyboard.press('Control+s');
  await expect(panel(page, 'Juniper Books')).toBeFocused();

  await page.getByRole('button', { name: 'Edit' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('textbox', { name: 'Company' }).first().fill('Juniper');
  await page.keyboard.press('Control+s');
  await expect(page.getByRole('dialog')).toBeHidden();
  await expect(panel(page, 'Juniper Books')).toBeFocused();

  await open(page, '/inventory?new=1');
  await page.getByRole('dialog', { name: 'New item' }).getByRole('textbox', { name: 'Name' }).fill('Travel mug');
  await page.keyboard.press('Control+s');
  await expect(panel(page, 'Travel mug')).toBeFocused();

  await open(page, '/orders?new=1');
  await expect(page.getByRole('combobox', { name: 'Customer', exact: true })).toBeFocused();
  await page.keyboard.type('tidew');
  await page.keyboard.press('Tab');
  await expect(page.getByRole('textbox', { name: "Buyer's name" })).toHaveValue('Tidewater Studio');
  await page.getByRole('textbox', { name: 'Name, line 1' }).fill('Repair');
  await page.getByRole('textbox', { name: 'Price, line 1' }).fill('12');
  await page.keyboard.press('Control+s');
  await expect(page.getByRole('complementary')).toBeFocused();

  await open(page, `/payments?new=1&customer=${id}&invoice=${invoice.id}`);
  await expect(page.getByRole('textbox', { name: 'Amount', exact: true })).toHaveValue('40.00');
  await page.keyboard.press('Control+s');
  await expect(page.getByRole('complementary')).toBeFocused();
});

test('giving up a form returns to where one was', async ({ app: page }) => {
  await open(page, '/customers');
  const button = page.getByRole('button', { name: 'New customer' });
  await button.focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog', { name: 'New customer' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(button).toBeFocused();
});

test('a time zone is found by the words people use, and what is not there says so', async ({ app: page }) => {
  await open(page, '/settings/company');
  const zone = page.getByRole('combobox', { name: 'Time zone' });
  for (const [typed, found] of [
    ['New York', 'America/New_York'],
    ['los angeles', 'America/Los_Angeles'],
    ['são paulo', 'America/Sao_Paulo'],
    ['port au prince', 'America/Port-au-Prince'],
    ['buenosaires', 'America/Argentina/Buenos_Aires'],
    ['berlin', 'Europe/Berlin'],
  ] as const) {
    await zone.fill(typed);
    await expect(page.getByRole('option', { name: found.replaceAll('_', ' ') })).toBeVisible();
  }
  await zone.fill('Atlantis');
  await expect(page.getByText('Nothing found')).toBeVisible();
  await zone.fill('Los Angeles');
  await page.getByRole('option', { name: 'America/Los Angeles' }).click();
  await expect(zone).toHaveValue('America/Los Angeles');
});

test('the search box keeps its place however much is found', async ({ app: page, bridge }) => {
  await addCustomer(bridge, 'Tidewater Studio');
  await page.keyboard.press('Control+k');
  const find = page.getByRole('textbox', { name: 'Find a record or an action' });
  await expect(find).toBeVisible();
  const dialog = page.getByRole('dialog', { name: 'Find' });
  const before = await dialog.boundingBox();
  await find.fill('tidewater');
  await expect(page.getByText('Tidewater Studio').first()).toBeVisible();
  expect(await dialog.boundingBox()).toEqual(before);
  await find.fill('zzzz nothing');
  await expect(page.getByText(/Nothing found/)).toBeVisible();
  expect(await dialog.boundingBox()).toEqual(before);
  await expectAccessibleInBoth(page);
});
