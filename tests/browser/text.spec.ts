// Text as people write it, in the true window: found with and without accents, scanned, typed in the owner's own writing.
import { addCustomer, addInvoice, addItem, expect, expectAccessible, open, panel, pick, row, test } from './fixtures.js';

test('names are found without their accents and by two signs', async ({ app: page, bridge }) => {
  for (const name of ['José Núñez', 'Straße & Söhne', 'İstanbul Halı', '東京書店', 'Zebra', 'Émile', 'Eva']) await addCustomer(bridge, name);
  await open(page, '/customers');
  const rows = page.getByRole('grid', { name: 'Customers' }).getByRole('row');
  await expect(rows.filter({ hasText: 'Zebra' })).toBeVisible();
  const names = await rows.allInnerTexts();
  const place = (name: string) => names.findIndex((text) => text.includes(name));
  expect(place('Émile')).toBeLessThan(place('Eva'));
  expect(place('Eva')).toBeLessThan(place('Zebra'));
  const search = page.getByRole('textbox', { name: 'Search customers' });
  for (const [typed, name] of [['jose nunez', 'José Núñez'], ['STRASSE', 'Straße & Söhne'], ['istanbul', 'İstanbul Halı'], ['東京', '東京書店']] as const) {
    await search.fill(typed);
    await expect(row(page, 'Customers', name)).toBeVisible();
    await expect(row(page, 'Customers', 'Zebra')).toBeHidden();
  }
});

test('a scanner that sends a leading zero opens the item at once', async ({ app: page, bridge }) => {
  await addItem(bridge, 'KETT-09', 'Gooseneck kettle', '64', { barcode: '036000291452' });
  await addItem(bridge, 'MUG-01', 'Stoneware mug', '18');
  await open(page, '/inventory/stock');
  const field = page.getByRole('textbox', { name: 'SKU, name or barcode' });
  await expect(field).toBeFocused();
  // A scanner types and presses Enter faster than any answer comes.
  await field.pressSequentially('0036000291452');
  await field.press('Enter');
  await expect(panel(page, 'Gooseneck kettle')).toBeVisible();
});

test('numbers and streets are shown as typed, whatever they look like', async ({ app: page, bridge }) => {
  const customer = await addCustomer(bridge, 'Ada');
  const { id } = await addInvoice(bridge, customer, '40');
  const view = await bridge.command<{ draft: { number: string; version: number } }>('get_invoice', { id });
  await bridge.command('save_invoice', { draft: { ...view.draft, number: '2026-11-32' } });
  await open(page, `/invoices?open=${id}`);
  await expect(panel(page, /2026-11-32/)).toContainText('2026-11-32');
  const item = await addItem(bridge, '100 RED', 'Red pen', '1');
  await open(page, `/inventory?open=${item}`);
  await expect(panel(page, 'Red pen')).toContainText('SKU: 100 RED');
});

test('a mail link writes to the address alone', async ({ app: page, bridge }) => {
  const address = { name: '', company: '', line1: '', line2: '', city: '', region: '', postal_code: '', country: '', phone: '' };
  const draft = { id: crypto.randomUUID(), version: null, display_name: 'Eve', company: '', phone: '', notes: '', terms_id: null, billing: address, shipping: address };
  await bridge.command('save_customer', { draft: { ...draft, email: 'a@example.com?bcc=eve.example' } });
  await open(page, `/customers?open=${draft.id}`);
  await expect(panel(page, 'Eve').getByRole('link', { name: /bcc/ })).toHaveAttribute('href', 'mailto:a@example.com%3Fbcc%3Deve.example');
});

test('a next number is read with its thousands', async ({ app: page, bridge }) => {
  await open(page, '/settings/company');
  await page.getByRole('textbox', { name: 'Next number' }).fill('1,500');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Saved.')).toBeVisible();
  const { company } = await bridge.command<{ company: { next_invoice_number: number } }>('app_status');
  expect(company.next_invoice_number).toBe(1500);
  await page.getByRole('textbox', { name: 'Next number' }).fill('1,5');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('write 1.5 or 15')).toBeVisible();
});

test.describe('for an owner who reads 1.250,00 €', () => {
  test.use({ locale: 'de-DE' });

  test('prices, quantities and days are read and shown in the own writing', async ({ app: page, bridge }) => {
    await open(page, '/inventory?new=1');
    const form = page.getByRole('dialog', { name: 'New item' });
    await form.getByRole('textbox', { name: 'Name' }).fill('Kessel');
    const price = form.getByRole('textbox', { name: 'Sales price' });
    await price.fill('12.50');
    await form.getByRole('textbox', { name: 'On hand now' }).fill('1.250');
    await form.getByRole('button', { name: 'Save' }).click();
    await expect(form.getByText('"12.50" is not clear; write 12,50 or 1250.')).toBeVisible();
    await expectAccessible(page);
    await price.fill('1.250,50');
    await form.getByRole('button', { name: 'Save' }).click();
    const details = panel(page, 'Kessel');
    await expect(details).toContainText('1.250,50');
    await expect(details).toContainText('1.250');
    await details.getByRole('button', { name: 'Edit' }).click();
    const edited = page.getByRole('dialog', { name: 'Edit item' }).getByRole('textbox', { name: 'Sales price' });
    await expect(edited).toHaveValue('1250,50');
    await edited.fill('$12,50');
    await page.getByRole('dialog', { name: 'Edit item' }).getByRole('button', { name: 'Save' }).click();
    await expect(details).toContainText('12,50');
    const [hit] = await bridge.command<{ unit_price: { decimal: string }; on_hand: string }[]>('find_stock', { text: 'Kessel', limit: 1 });
    expect([hit?.unit_price.decimal, hit?.on_hand]).toEqual(['12.50', '1250']);
  });

  test('bookkeepers take stock off in brackets', async ({ app: page, bridge }) => {
    const id = await addItem(bridge, 'MUG-01', 'Stoneware mug', '18');
    await open(page, `/inventory?open=${id}`);
    await panel(page, 'Stoneware mug').getByRole('button', { name: 'Change stock' }).click();
    const dialog = page.getByRole('dialog', { name: 'Change stock' });
    await dialog.getByText('Adjust', { exact: true }).click();
    await dialog.getByRole('textbox', { name: 'Change' }).fill('(2,5)');
    await dialog.getByRole('button', { name: 'Record' }).click();
    await expect(dialog).toBeHidden();
    const [hit] = await bridge.command<{ on_hand: string }[]>('find_stock', { text: 'MUG-01', limit: 1 });
    expect(hit?.on_hand).toBe('7.5');
  });

  test('an invoice takes its days and amounts as they are written here', async ({ app: page, bridge }) => {
    await addItem(bridge, 'MUG-01', 'Becher', '18.5');
    await addCustomer(bridge, 'Käthe');
    await open(page, '/invoices/new');
    await pick(page, 'Customer', 'kathe', 'Käthe');
    await pick(page, 'Item, line 1', 'mug', /MUG-01/);
    await expect(page.getByRole('textbox', { name: 'Price, line 1' })).toHaveValue('18,50');
    await page.getByRole('textbox', { name: 'Quantity, line 1' }).fill('1,5');
    await page.getByRole('textbox', { name: 'Discount, line 1' }).fill('7,5 %');
    await expect(page.getByLabel('Totals')).toContainText('25,67');
    const day = page.getByRole('textbox', { name: 'Date' });
    await day.fill('21.11.2026');
    await day.blur();
    await expect(day).toHaveValue('21.11.2026');
    await day.focus();
    await page.keyboard.press('-');
    await expect(day).toHaveValue('2026-11-20');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await expect(panel(page, /^Invoice/)).toContainText('25,67');
  });
});

test('a date is read in the order of the owner', async ({ app: page, bridge }) => {
  await addCustomer(bridge, 'Ada');
  await open(page, '/payments?new=1');
  const day = page.getByRole('textbox', { name: 'Received' });
  await day.fill('11/20/2026');
  await day.blur();
  await expect(day).toHaveValue('Nov 20, 2026');
  await day.fill('3 November 2026');
  await day.blur();
  await expect(day).toHaveValue('Nov 3, 2026');
});
