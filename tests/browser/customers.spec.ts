// Customers: added, changed, put away and brought back; two who edit the same one.
import { addCustomer, addInvoice, expect, open, panel, row, test } from './fixtures.js';

test('a customer is added, found and changed', async ({ app: page }) => {
  await open(page, '/customers');
  await expect(page.getByText('No customers yet')).toBeVisible();
  await page.getByRole('button', { name: 'New customer' }).click();
  const form = page.getByRole('dialog', { name: 'New customer' });
  await form.getByRole('textbox', { name: 'Name', exact: true }).first().fill('Élan Vélos');
  await form.getByRole('textbox', { name: 'E-mail' }).fill('atelier@elan.example');
  await form.getByRole('group', { name: 'Bill to' }).getByRole('textbox', { name: 'City' }).fill('Lyon');
  await form.getByRole('button', { name: 'Copy from bill to' }).click();
  await expect(form.getByRole('group', { name: 'Ship to' }).getByRole('textbox', { name: 'City' })).toHaveValue('Lyon');
  await page.keyboard.press('Control+s');
  await expect(page.getByText('Customer added')).toBeVisible();
  await expect(panel(page, 'Élan Vélos')).toContainText('Lyon');

  await page.getByRole('textbox', { name: 'Search customers' }).fill('elan velo');
  await expect(row(page, 'Customers', 'Élan Vélos')).toBeVisible();
  await page.getByRole('button', { name: 'Edit' }).click();
  await page.getByRole('textbox', { name: 'Telephone' }).first().fill('+33 4 00 00 00 00');
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await expect(panel(page, 'Élan Vélos')).toContainText('+33 4 00 00 00 00');
});

test('a customer without a name is refused beside its field', async ({ app: page }) => {
  await open(page, '/customers?new=1');
  const form = page.getByRole('dialog', { name: 'New customer' });
  await form.getByRole('textbox', { name: 'E-mail' }).fill('no at sign');
  await form.getByRole('button', { name: 'Save' }).click();
  const name = form.getByRole('textbox', { name: 'Name', exact: true }).first();
  await expect(name).toHaveAttribute('aria-invalid', 'true');
  await expect(name).toBeFocused();
  await expect(form.getByRole('textbox', { name: 'E-mail' })).toHaveAttribute('aria-invalid', 'true');
  await form.getByRole('button', { name: 'Cancel' }).click();
  await expect(page.getByRole('dialog', { name: 'Leave without saving?' })).toBeVisible();
  await page.getByRole('button', { name: 'Leave without saving' }).click();
  await expect(form).toBeHidden();
});

test('customers are archived by keyboard and brought back by undo', async ({ app: page, bridge }) => {
  for (const name of ['Ada Pine', 'Ben Oak', 'Cora Birch']) await addCustomer(bridge, name);
  await open(page, '/customers');
  await expect(row(page, 'Customers', 'Cora Birch')).toBeVisible();
  const list = page.getByRole('grid', { name: 'Customers' });
  await list.focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('Shift+ArrowDown');
  await expect(page.getByText('2 selected')).toBeVisible();
  await page.getByRole('button', { name: 'Archive' }).click();
  await expect(row(page, 'Customers', 'Ada Pine')).toBeHidden();
  await expect(row(page, 'Customers', 'Cora Birch')).toBeVisible();
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(row(page, 'Customers', 'Ada Pine')).toBeVisible();
});

test('what was saved meanwhile is shown and can be taken instead', async ({ app: page, bridge }) => {
  const id = await addCustomer(bridge, 'Ada Pine');
  await open(page, `/customers?edit=${id}`);
  const form = page.getByRole('dialog', { name: 'Edit customer' });
  await form.getByRole('textbox', { name: 'E-mail' }).fill('ada@pine.example');
  const { draft } = await bridge.command<{ draft: object }>('get_customer', { id });
  await bridge.command('save_customer', { draft: { ...draft, email: 'office@pine.example' } });
  await form.getByRole('button', { name: 'Save' }).click();
  const choice = page.getByRole('dialog', { name: 'This record changed in the meantime' });
  await expect(choice.getByRole('row', { name: /mail/ })).toContainText('Both');
  await choice.getByRole('button', { name: 'Use the saved version' }).click();
  await expect(form.getByRole('textbox', { name: 'E-mail' })).toHaveValue('office@pine.example');
});

test('what a customer owes is in the list, the panel and the report', async ({ app: page, bridge }) => {
  const id = await addCustomer(bridge, 'Ada Pine');
  await addInvoice(bridge, id, '1,200.50');
  await addInvoice(bridge, id, '0.49');
  await open(page, `/customers?open=${id}`);
  await expect(row(page, 'Customers', 'Ada Pine')).toContainText('$1,200.99');
  await expect(panel(page, 'Ada Pine')).toContainText('$1,200.99');
  await open(page, '/reports');
  await expect(page.getByRole('row', { name: /^Ada Pine/ })).toContainText('$1,200.99');
  await open(page, '/home');
  await expect(page.getByRole('button', { name: /^Owed to you/ })).toContainText('$1,200.99');
});
