// Taking things back: a run as a whole with its preview first, and one record's earlier state out of its history.
import { type Bridge, connectQuickBooks, expect, expectAccessible, open, panel, row, syncNow, test } from './fixtures.js';
import type { Page } from '@playwright/test';

const panelOf = (page: Page) => panel(page, /^Run of/);

/** Writes a customer's telephone number in the app and sends it. */
async function changePhone(page: Page, bridge: Bridge, phone: string): Promise<void> {
  const { rows } = await bridge.command<{ rows: { id: string; display_name: string }[] }>('list_customers', {
    query: { search: 'Anna', filter: 'active', sort: 'name', descending: false, cursor: null, limit: 10 },
  });
  const { draft } = await bridge.command<{ draft: object }>('get_customer', { id: rows[0]?.id });
  await bridge.command('save_customer', { draft: { ...draft, phone } });
  await syncNow(page, bridge);
}

async function phonesThere(bridge: Bridge): Promise<string> {
  return JSON.stringify(await bridge.control('GET', 'state/quickbooks'));
}

test('a run is undone after a look at what will happen, and the undo can be undone', async ({ app: page, bridge }) => {
  await connectQuickBooks(page, bridge);
  await syncNow(page, bridge);
  await changePhone(page, bridge, '555-7777');
  expect(await phonesThere(bridge)).toContain('555-7777');
  await open(page, '/sync');
  await row(page, 'Runs', 'By you').first().click();
  await panelOf(page).getByRole('button', { name: 'Undo this run' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('1 record goes back');
  await expect(dialog).toContainText('555-7777');
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Undo the run' }).click();
  await expect(panelOf(page)).toContainText('What was undone');
  await expect(panelOf(page)).toContainText('Earlier values put back', { timeout: 40_000 });
  await expect(async () => expect(await phonesThere(bridge)).not.toContain('555-7777')).toPass({ timeout: 40_000 });
  await expect(panelOf(page)).toContainText('Done', { timeout: 40_000 });
  await expectAccessible(page);
  await panelOf(page).getByRole('button', { name: 'Undo this run' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Undo the run' }).click();
  await expect(async () => expect(await phonesThere(bridge)).toContain('555-7777')).toPass({ timeout: 40_000 });
});

test('an entry of the history shows the record as it was and brings it back', async ({ app: page, bridge }) => {
  await connectQuickBooks(page, bridge);
  await syncNow(page, bridge);
  await changePhone(page, bridge, '555-8888');
  await open(page, '/customers');
  await page.getByRole('row', { name: /Anna Lindqvist/ }).click();
  const anna = panel(page, 'Anna Lindqvist');
  await anna.getByRole('button', { name: 'Created' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('As of');
  await expect(dialog).toContainText('555-8888');
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Bring back' }).click();
  await expect(page.getByText('The earlier state is back')).toBeVisible();
  await expect(anna.getByRole('listitem').filter({ hasText: 'by you' }).first()).toContainText('555-8888');
  await syncNow(page, bridge);
  expect(await phonesThere(bridge)).not.toContain('555-8888');
});
