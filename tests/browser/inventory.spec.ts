// Items and their stock: looked up by what a scanner or a person types, changed in each of the four ways.
import { addItem, choose, expect, expectAccessible, open, panel, row, test } from './fixtures.js';
import type { Page } from '@playwright/test';

/** The cells of an item's level at a location: on hand, allocated, available. */
async function expectLevel(page: Page, location: string, cells: string[]) {
  const level = page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: location }) });
  await expect(level.getByRole('cell')).toHaveText(cells);
}

test('an item is added with its stock and changed', async ({ app: page }) => {
  await open(page, '/inventory');
  await page.getByRole('button', { name: 'New item' }).click();
  const form = page.getByRole('dialog', { name: 'New item' });
  await form.getByRole('textbox', { name: 'Name' }).fill('Stoneware mug');
  await form.getByRole('textbox', { name: 'SKU' }).fill('MUG-01');
  await form.getByRole('textbox', { name: 'Sales price' }).fill('18');
  await form.getByRole('textbox', { name: 'Reorder point' }).fill('12');
  await form.getByRole('textbox', { name: 'On hand now' }).fill('10');
  await form.getByRole('button', { name: 'Save' }).click();
  const details = panel(page, 'Stoneware mug');
  await expectLevel(page, 'Main', ['10', '0', '10']);
  await expect(details).toContainText('Opening stock');
  await expect(row(page, 'Items', 'MUG-01')).toContainText('10');
  await details.getByRole('button', { name: 'Edit' }).click();
  await page.getByRole('dialog', { name: 'Edit item' }).getByRole('textbox', { name: 'Sales price' }).fill('19.50');
  await page.getByRole('dialog', { name: 'Edit item' }).getByRole('button', { name: 'Save' }).click();
  await expect(details).toContainText('$19.50');
  await open(page, '/home');
  await expect(page.getByRole('button', { name: /^Low on stock/ })).toContainText('1');
});

test('a stock level is found by SKU, by name and by barcode', async ({ app: page, bridge }) => {
  await addItem(bridge, 'KETT-09', 'Gooseneck kettle 0.9 l', '64', { barcode: '4006381333931' });
  await addItem(bridge, 'MUG-01', 'Stoneware mug', '18');
  await open(page, '/inventory/stock');
  const field = page.getByRole('textbox', { name: 'SKU, name or barcode' });
  await expect(field).toBeFocused();
  const matches = page.getByRole('list', { name: 'Matches' }).getByRole('listitem');
  for (const words of ['KETT-09', 'kett', 'gooseneck', '4006381333931']) {
    await field.fill(words);
    await expect(matches).toHaveCount(1);
    await expect(matches).toContainText('Gooseneck kettle 0.9 l');
    await expectLevel(page, 'Main', ['10', '0', '10']);
  }
  await expectAccessible(page);
  await field.fill('no such thing');
  await expect(page.getByText('Nothing with “no such thing”')).toBeVisible();
  await field.fill('4006381333931');
  await expect(matches).toHaveCount(1);
  await field.press('Enter');
  await expect(panel(page, 'Gooseneck kettle 0.9 l')).toBeVisible();
});

test('goods are received, adjusted, counted and moved, each with its own movement', async ({ app: page, bridge }) => {
  const id = await addItem(bridge, 'MUG-01', 'Stoneware mug', '18');
  await open(page, '/settings/lists');
  await page.getByRole('button', { name: 'New location' }).click();
  await page.getByRole('dialog').getByRole('textbox', { name: 'Name' }).fill('Barn');
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Barn')).toBeVisible();

  await open(page, `/inventory?open=${id}`);
  const record = async (change: string, field: string, quantity: string, more?: () => Promise<void>) => {
    await panel(page, 'Stoneware mug').getByRole('button', { name: 'Change stock' }).click();
    const dialog = page.getByRole('dialog', { name: 'Change stock' });
    await dialog.getByText(change, { exact: true }).click();
    await more?.();
    await dialog.getByRole('textbox', { name: field }).fill(quantity);
    await dialog.getByRole('textbox', { name: 'Note' }).fill(`by ${change.toLowerCase()}`);
    if (change === 'Transfer') await expectAccessible(page);
    await dialog.getByRole('button', { name: 'Record' }).click();
    await expect(dialog).toBeHidden();
  };
  await record('Receive', 'Quantity received', '12+2');
  await expectLevel(page, 'Main', ['24', '0', '24']);
  await record('Adjust', 'Change', '-4');
  await expectLevel(page, 'Main', ['20', '0', '20']);
  await record('Count', 'Quantity counted', '19');
  await expectLevel(page, 'Main', ['19', '0', '19']);
  await record('Transfer', 'Quantity moved', '5', () => choose(page, 'To', 'Barn'));
  await expectLevel(page, 'Main', ['14', '0', '14']);
  await expectLevel(page, 'Barn', ['5', '0', '5']);
  const movements = panel(page, 'Stoneware mug').getByRole('listitem');
  for (const words of ['by receive', 'by adjust', 'by count', 'by transfer', 'Opening stock']) {
    await expect(movements.filter({ hasText: words }).first()).toBeVisible();
  }
  await open(page, '/inventory/stock?q=mug');
  await expectLevel(page, 'Barn', ['5', '0', '5']);
  await expect(page.getByRole('list', { name: 'Matches' }).locator('dl')).toContainText('19');
});

test('a change of stock that makes no sense is refused beside its field', async ({ app: page, bridge }) => {
  const id = await addItem(bridge, 'MUG-01', 'Stoneware mug', '18');
  await open(page, `/inventory?open=${id}&stock=${id}`);
  const dialog = page.getByRole('dialog', { name: 'Change stock' });
  const quantity = dialog.getByRole('textbox', { name: 'Quantity received' });
  await quantity.fill('a few');
  await dialog.getByRole('button', { name: 'Record' }).click();
  await expect(quantity).toHaveAttribute('aria-invalid', 'true');
  await expect(quantity).toHaveValue('a few');
});
