// Writing an invoice by hand: the customer made in the picker, lines by keyboard, totals of core, all errors at once.
import type { Page } from '@playwright/test';
import { expect, expectAccessible, open, test } from './fixtures.js';

const address = { name: '', company: '', line1: '', line2: '', city: '', region: '', postal_code: '', country: '', phone: '' };

async function addItem(bridge: { command: (name: string, args: object) => Promise<unknown> }, sku: string, name: string, price: string) {
  await bridge.command('save_item', {
    draft: {
      id: crypto.randomUUID(),
      version: null,
      sku,
      name,
      description: '',
      barcode: '',
      kind: 'stocked',
      unit_price: price,
      unit_cost: '',
      tax_code_id: null,
      reorder_point: '',
      opening_quantity: '10',
    },
  });
}

async function pick(page: Page, label: string, words: string, option: string) {
  await page.getByRole('textbox', { name: label }).fill(words);
  await page.getByRole('option', { name: option }).first().click();
}

test('an invoice is written by keyboard and saved with the totals that were on show', async ({ app: page, bridge }) => {
  await addItem(bridge, 'MUG-01', 'Stoneware mug', '18.00');
  await addItem(bridge, 'BEAN-1K', 'House espresso 1 kg', '32.00');
  await open(page, '/invoices/new');
  await page.getByRole('textbox', { name: 'Customer' }).fill('Tide & Timber Café');
  await page.getByRole('option', { name: 'New customer “Tide & Timber Café”' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('textbox', { name: 'Customer' })).toHaveValue('Tide & Timber Café');

  await pick(page, 'Item, line 1', 'mug', 'MUG-01');
  const price = page.getByRole('textbox', { name: 'Price, line 1' });
  await expect(price).toHaveValue('18.00');
  await page.getByRole('textbox', { name: 'Quantity, line 1' }).fill('2+1');
  await price.press('Enter');
  await expect(page.getByRole('textbox', { name: 'Item, line 2' })).toBeFocused();
  await pick(page, 'Item, line 2', 'espresso', 'BEAN-1K');
  await page.getByRole('textbox', { name: 'Discount, line 2' }).fill('10%');
  const totals = page.getByLabel('Totals');
  await expect(totals).toContainText('$82.80');
  await expectAccessible(page);

  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByRole('heading', { name: /^Invoice / })).toBeVisible();
  const list = await bridge.command<{ rows: { total: { minor: string }; customer_name: string }[] }>('list_invoices', {
    query: { search: '', filter: 'all', sort: 'issued_on', descending: true, cursor: null, limit: 10 },
  });
  expect(list.rows).toMatchObject([{ total: { minor: '8280' }, customer_name: 'Tide & Timber Café' }]);
});

test('every bad field is named at once beside its field and what was typed stays', async ({ app: page }) => {
  await open(page, '/invoices/new');
  await page.getByRole('textbox', { name: 'Quantity, line 1' }).fill('-2');
  await page.getByRole('textbox', { name: 'Price, line 1' }).fill('1.005');
  await page.getByRole('textbox', { name: 'Due' }).fill('soon');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  for (const name of ['Customer', 'Quantity, line 1', 'Price, line 1', 'Due']) {
    await expect(page.getByRole('textbox', { name })).toHaveAttribute('aria-invalid', 'true');
  }
  await expect(page.getByRole('textbox', { name: 'Price, line 1' })).toHaveValue('1.005');
  await expectAccessible(page);
});

test('a number that is taken is refused with the next free one', async ({ app: page, bridge }) => {
  const id = crypto.randomUUID();
  await bridge.command('save_customer', {
    draft: { id, version: null, display_name: 'Juniper Books', company: '', email: '', phone: '', billing: address, shipping: address, notes: '', terms_id: null },
  });
  const save = async (number: string) => {
    await open(page, `/invoices/new?customer=${id}`);
    await expect(page.getByRole('textbox', { name: 'Customer' })).toHaveValue('Juniper Books');
    if (number !== '') await page.getByRole('textbox', { name: 'Number' }).fill(number);
    await page.getByRole('textbox', { name: 'Description, line 1' }).fill('Reading lamp');
    await page.getByRole('textbox', { name: 'Price, line 1' }).fill('40');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
  };
  await save('A-7');
  await expect(page.getByRole('heading', { name: 'Invoice A-7' })).toBeVisible();
  await save('a-7');
  await expect(page.getByRole('textbox', { name: 'Number' })).toHaveAttribute('aria-invalid', 'true');
  await expect(page.getByText('Some fields need another look')).toBeVisible();
});

test('leaving a half-written invoice asks first', async ({ app: page }) => {
  await open(page, '/invoices/new');
  await page.getByRole('textbox', { name: 'Description, line 1' }).fill('Half written');
  await page.getByRole('button', { name: 'Back to the invoices' }).click();
  await expect(page.getByRole('dialog', { name: 'Leave without saving?' })).toBeVisible();
  await page.getByRole('button', { name: 'Keep editing' }).click();
  await expect(page.getByRole('textbox', { name: 'Description, line 1' })).toHaveValue('Half written');
});
