// Writing an invoice: by keyboard, with live totals, and every bad field named at once; then what becomes of it.
import { addCustomer, addInvoice, addItem, choose, expect, expectAccessible, open, panel, pick, row, test } from './fixtures.js';

test('an invoice is written by keyboard and saved with the totals that were on show', async ({ app: page, bridge }) => {
  await addItem(bridge, 'MUG-01', 'Stoneware mug', '18.00');
  await addItem(bridge, 'BEAN-1K', 'House espresso 1 kg', '32.00');
  await open(page, '/invoices/new');
  await page.getByRole('combobox', { name: 'Customer', exact: true }).fill('Tide & Timber Café');
  await page.getByRole('option', { name: 'New customer “Tide & Timber Café”' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('dialog')).toBeHidden();
  await expect(page.getByRole('combobox', { name: 'Customer', exact: true })).toHaveValue('Tide & Timber Café');

  await pick(page, 'Item, line 1', 'mug', /MUG-01/);
  const price = page.getByRole('textbox', { name: 'Price, line 1' });
  await expect(price).toHaveValue('18.00');
  await page.getByRole('textbox', { name: 'Quantity, line 1' }).fill('2+1');
  await price.press('Enter');
  await expect(page.getByRole('combobox', { name: 'Item, line 2' })).toBeFocused();
  await pick(page, 'Item, line 2', 'espresso', /BEAN-1K/);
  await page.getByRole('textbox', { name: 'Discount, line 2' }).fill('10%');
  await expect(page.getByLabel('Totals')).toContainText('$82.80');
  await expectAccessible(page);

  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(panel(page, 'Invoice INV-1001')).toContainText('$82.80');
  const list = await bridge.command<{ rows: { total: { minor: string }; customer_name: string }[] }>('list_invoices', {
    query: { search: '', filter: 'all', sort: 'issued_on', descending: true, cursor: null, limit: 10 },
  });
  expect(list.rows).toMatchObject([{ total: { minor: '8280' }, customer_name: 'Tide & Timber Café' }]);
});

test('a picker takes the match of what was typed, however fast Enter follows', async ({ app: page, bridge }) => {
  for (const name of ['Aaron First', 'Zebra Crossing', 'Milk and Honey']) await addCustomer(bridge, name);
  await open(page, '/invoices/new');
  const customer = page.getByRole('combobox', { name: 'Customer', exact: true });
  await customer.click();
  await expect(page.getByRole('option', { name: 'Aaron First' })).toBeVisible();
  await page.keyboard.type('zeb');
  await page.keyboard.press('Enter');
  await expect(customer).toHaveValue('Zebra Crossing');
  await customer.click();
  await page.keyboard.type('nobody of this name');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('option', { name: 'New customer “nobody of this name”' })).toBeVisible();
  await expect(page.getByRole('textbox', { name: 'Number' })).toHaveValue('INV-1001');
});

test('the number is filled in and editable, and terms set the due day', async ({ app: page, bridge }) => {
  const id = await addCustomer(bridge, 'Juniper Books');
  await open(page, `/invoices/new?customer=${id}`);
  const number = page.getByRole('textbox', { name: 'Number' });
  await expect(number).toHaveValue('INV-1001');
  await number.fill('2026/7');
  await page.getByRole('textbox', { name: 'Date' }).fill('2026-03-10');
  await choose(page, 'Terms', 'Net 15');
  await expect(page.getByRole('textbox', { name: 'Due' })).toHaveAttribute('placeholder', 'Mar 25, 2026');
  await page.getByRole('textbox', { name: 'Description, line 1' }).fill('Reading lamp');
  await page.getByRole('textbox', { name: 'Price, line 1' }).fill('40');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(panel(page, 'Invoice 2026/7')).toContainText('Mar 25, 2026');
  await expect(row(page, 'Invoices', '2026/7')).toContainText('Overdue');
});

test('save and new goes on with an empty form and the next number', async ({ app: page, bridge }) => {
  const id = await addCustomer(bridge, 'Juniper Books');
  await open(page, `/invoices/new?customer=${id}`);
  await page.getByRole('textbox', { name: 'Description, line 1' }).fill('Reading lamp');
  await page.getByRole('textbox', { name: 'Price, line 1' }).fill('40');
  await page.getByRole('button', { name: 'More' }).click();
  await page.getByRole('menuitem', { name: 'Save and new' }).click();
  await expect(page.getByRole('textbox', { name: 'Number' })).toHaveValue('INV-1002');
  await expect(page.getByRole('combobox', { name: 'Customer', exact: true })).toHaveValue('');
  await expect(page.getByRole('textbox', { name: 'Description, line 1' })).toHaveValue('');
  await open(page, '/invoices');
  await expect(row(page, 'Invoices', 'INV-1001')).toContainText('$40.00');
});

test('a draft uses up no number until it is saved as an invoice', async ({ app: page, bridge }) => {
  const id = await addCustomer(bridge, 'Juniper Books');
  await open(page, `/invoices/new?customer=${id}`);
  await page.getByRole('textbox', { name: 'Description, line 1' }).fill('Bookcase');
  await page.getByRole('textbox', { name: 'Price, line 1' }).fill('300');
  await page.getByRole('button', { name: 'Save as draft' }).click();
  await expect(page.getByText('Draft saved')).toBeVisible();
  const draft = row(page, 'Invoices', 'Juniper Books');
  await expect(draft).toContainText('Draft');
  expect((await addInvoice(bridge, id, '5')).number).toBe('INV-1001');
  await page.getByRole('button', { name: 'Edit' }).click();
  await expect(page.getByRole('textbox', { name: 'Price, line 1' })).toHaveValue('300.00');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(panel(page, 'Invoice INV-1002')).toContainText('Open');
});

test('an edited invoice shows what was changed, and a voided one stays with its number', async ({ app: page, bridge }) => {
  const { id, number } = await addInvoice(bridge, await addCustomer(bridge, 'Juniper Books'), '40');
  await open(page, `/invoices?open=${id}`);
  await page.getByRole('button', { name: 'Edit' }).click();
  await page.getByRole('textbox', { name: 'Price, line 1' }).fill('45.50');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  const details = panel(page, `Invoice ${number}`);
  await expect(details).toContainText('$45.50');
  await expect(details).toContainText('Updated by you');

  await details.getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('menuitem', { name: 'Void' }).click();
  const question = page.getByRole('dialog', { name: 'Void this invoice?' });
  await expectAccessible(page);
  await question.getByRole('button', { name: 'Void' }).click();
  await expect(page.getByText('1 invoice voided')).toBeVisible();
  await expect(row(page, 'Invoices', number)).toContainText('Void');
  await expect(details.getByRole('button', { name: 'Edit' })).toBeDisabled();
});

test('every bad field is named at once beside its field and what was typed stays', async ({ app: page }) => {
  await open(page, '/invoices/new');
  await page.getByRole('textbox', { name: 'Quantity, line 1' }).fill('-2');
  await page.getByRole('textbox', { name: 'Price, line 1' }).fill('1.00000005');
  await page.getByRole('textbox', { name: 'Due' }).fill('soon');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByRole('combobox', { name: 'Customer' })).toHaveAttribute('aria-invalid', 'true');
  for (const name of ['Quantity, line 1', 'Price, line 1', 'Due']) {
    await expect(page.getByRole('textbox', { name, exact: true })).toHaveAttribute('aria-invalid', 'true');
  }
  await expect(page.getByRole('combobox', { name: 'Customer' })).toBeFocused();
  await expect(page.getByRole('textbox', { name: 'Price, line 1' })).toHaveValue('1.00000005');
  await expectAccessible(page);
});

test('a number that is taken is refused with the next free one', async ({ app: page, bridge }) => {
  const id = await addCustomer(bridge, 'Juniper Books');
  const { number } = await addInvoice(bridge, id, '40');
  await open(page, `/invoices/new?customer=${id}`);
  await page.getByRole('textbox', { name: 'Number' }).fill(number.toLowerCase());
  await page.getByRole('textbox', { name: 'Description, line 1' }).fill('Reading lamp');
  await page.getByRole('textbox', { name: 'Price, line 1' }).fill('40');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByRole('textbox', { name: 'Number' })).toHaveAttribute('aria-invalid', 'true');
  await expect(page.getByText('Some fields need another look')).toBeVisible();
  await expect(page.getByText('INV-1002')).toBeVisible();
});

test('an invoice that changed meanwhile is merged by choice and never overwritten', async ({ app: page, bridge }) => {
  const { id, number } = await addInvoice(bridge, await addCustomer(bridge, 'Juniper Books'), '40');
  await open(page, `/invoices/edit?id=${id}`);
  await page.getByRole('textbox', { name: 'Message to the customer' }).fill('Thank you!');
  const { draft } = await bridge.command<{ draft: object }>('get_invoice', { id });
  await bridge.command('save_invoice', { draft: { ...draft, note: 'Called twice' } });
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  const choice = page.getByRole('dialog', { name: 'This record changed in the meantime' });
  await expect(choice.getByRole('row', { name: /^Message/ })).toContainText('You');
  await expect(choice.getByRole('row', { name: /^Note/ })).toContainText('Called twice');
  await expectAccessible(page);
  await choice.getByRole('button', { name: 'Keep my changes on top' }).click();
  const details = panel(page, `Invoice ${number}`);
  await expect(details).toContainText('Thank you!');
  await expect(details).toContainText('Called twice');
});

test('leaving a half-written invoice asks first', async ({ app: page }) => {
  await open(page, '/invoices/new');
  await page.getByRole('textbox', { name: 'Description, line 1' }).fill('Half written');
  await page.getByRole('button', { name: 'Back to the invoices' }).click();
  await expect(page.getByRole('dialog', { name: 'Leave without saving?' })).toBeVisible();
  await page.getByRole('button', { name: 'Keep editing' }).click();
  await expect(page.getByRole('textbox', { name: 'Description, line 1' })).toHaveValue('Half written');
});

test('dates take the keys of QuickBooks', async ({ app: page }) => {
  await open(page, '/invoices/new');
  const date = page.getByRole('textbox', { name: 'Date' });
  await date.fill('2026-02-10');
  await date.press('h');
  await expect(date).toHaveValue('2026-02-28');
  await date.press('+');
  await expect(date).toHaveValue('2026-03-01');
  await date.press('y');
  await expect(date).toHaveValue('2026-01-01');
});
